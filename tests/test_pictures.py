import os
import struct
import sys
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from illusions.decoding import ClippedColours, Decoded, Notes, noted
from illusions.errors import InputError
from illusions.pictures import MAXIMUM_PIXELS, as_picture, clipped_pixels, read_picture, write_picture


@pytest.fixture
def colours():
    """A picture with an orange upper left corner, blue elsewhere: not symmetric, so that rotations show."""
    pixels = np.full((24, 32, 3), (30, 60, 200), dtype=np.uint8)
    pixels[:8, :16] = (240, 130, 20)
    return pixels


def save(path, image, **options):
    image.save(path, **options)
    return path


def test_written_pictures_come_back_unchanged(tmp_path, colours):
    write_picture(tmp_path / "a.png", colours)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), colours)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_writing_replaces(tmp_path, colours):
    write_picture(tmp_path / "a.png", colours)
    write_picture(tmp_path / "a.png", 255 - colours)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), 255 - colours)


def test_a_mask_is_written_as_greyscale(tmp_path):
    mask = np.zeros((20, 20), dtype=np.uint8)
    mask[4:8] = 255
    write_picture(tmp_path / "mask.png", mask)
    np.testing.assert_array_equal(read_picture(tmp_path / "mask.png")[..., 1], mask)


def test_writing_into_a_folder_that_is_none_leaves_nothing(tmp_path, colours):
    with pytest.raises(InputError, match="cannot be written"):
        write_picture(tmp_path / "missing" / "a.png", colours)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_picture(tmp_path / "file" / "a.png", colours)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_picture(tmp_path / "folder.png", colours)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder.png"]


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_modes_that_lose_nothing(tmp_path, colours, mode):
    image = Image.fromarray(colours)
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    np.testing.assert_array_equal(read_picture(save(tmp_path / "a.png", image)), np.asarray(image.convert("RGB")))


def test_palette_with_an_unused_transparent_colour(tmp_path, colours):
    path = save(tmp_path / "a.png", Image.fromarray(colours).quantize(4), transparency=200)
    assert read_picture(path).shape == colours.shape


@pytest.mark.parametrize("mode", ["L", "1"])
def test_greyscale(tmp_path, mode):
    grey = Image.fromarray(np.repeat(np.uint8([[0], [255]]), 20, axis=0).repeat(20, axis=1)).convert(mode)
    picture = read_picture(save(tmp_path / "a.png", grey))
    assert picture.shape == (40, 20, 3)
    assert (picture[:20] == 0).all()
    assert (picture[20:] == 255).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bit_greyscale_is_rounded_to_the_nearest_byte(tmp_path, name):
    values = np.arange(400, dtype=np.uint16).reshape(20, 20) * 163
    picture = read_picture(save(tmp_path / name, Image.fromarray(values)))
    np.testing.assert_array_equal(picture[..., 2], np.rint(values / 257))


#: What a channel of 16 bits can be read as: 128 is the last that is nearer to 0 than to 257, the byte 1.
SIXTEEN = {
    0: 0,
    128: 0,
    129: 1,
    255: 1,
    256: 1,
    385: 1,
    386: 2,
    0x7FFF: 127,
    0x8000: 128,
    65406: 254,
    65407: 255,
    65535: 255,
}
COLOUR_TYPES = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}


def write_sixteen(path, values, mode, *chunks):
    """A PNG of 16 bits per channel, which Pillow cannot write. Values: (h, w, channels)."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[mode], 0, 0, 0)
    everything = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in everything
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def sixteen_bits(channels, *, opaque):
    """Values (20, 18, channels) in which every value of ``SIXTEEN`` stands in every channel, and the bytes expected."""
    first = np.resize(list(SIXTEEN), (20, 18))
    values = np.stack([np.roll(first, shift, axis=1) for shift in range(channels)], axis=-1)
    if opaque:
        values[..., -1] = 65535
    return values, np.vectorize(SIXTEEN.get)(values).astype(np.uint8)


@pytest.mark.parametrize("mode", COLOUR_TYPES)
def test_sixteen_bits_of_every_kind_are_rounded_to_the_nearest_byte(tmp_path, mode):
    values, expected = sixteen_bits(len(mode), opaque=mode.endswith("A"))
    picture = read_picture(write_sixteen(tmp_path / "a.png", values, mode))
    grey = mode.startswith("L")
    np.testing.assert_array_equal(picture, expected[..., [0, 0, 0]] if grey else expected[..., :3])


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"compression": "zlib"}, {"tile": (16, 16)}])
@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_of_a_tiff_are_rounded_to_the_nearest_byte(tmp_path, options, channels):
    tifffile = pytest.importorskip("tifffile")
    values, expected = sixteen_bits(channels, opaque=channels == 4)
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    tifffile.imwrite(tmp_path / "a.tif", values.astype(np.uint16), photometric="rgb", **options, **extra)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif"), expected[..., :3])


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}])
def test_sixteen_bits_in_planes_are_refused(tmp_path, options):
    """Pillow reads them as if they had 8 bits: noise."""
    tifffile = pytest.importorskip("tifffile")
    values = np.zeros((3, 20, 20), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", planarconfig="separate", **options)
    with pytest.raises(InputError, match=r"a\.tif: has its channels of 16 bits in a plane each; expected"):
        read_picture(tmp_path / "a.tif")


def test_sixteen_bits_are_turned_upright(tmp_path):
    values, expected = sixteen_bits(3, opaque=False)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write_sixteen(tmp_path / "a.png", values, "RGB", (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    np.testing.assert_array_equal(read_picture(path), np.rot90(expected, -1))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_sixteen_bits_that_are_transparent_somewhere_are_refused(tmp_path, mode):
    values = np.full((20, 20, len(mode)), 65535)
    values[3:5, 3:5, -1] = 0x8000
    with pytest.raises(InputError, match="transparent in 1 % of its pixels"):
        read_picture(write_sixteen(tmp_path / "a.png", values, mode))


def test_a_transparent_colour_of_sixteen_bits(tmp_path):
    values, expected = sixteen_bits(3, opaque=False)
    unused, used = (struct.pack(">3H", *colour) for colour in ((1, 2, 3), values[0, 0]))
    path = write_sixteen(tmp_path / "a.png", values, "RGB", (b"tRNS", unused))
    np.testing.assert_array_equal(read_picture(path), expected)
    with pytest.raises(InputError, match="transparent in"):
        read_picture(write_sixteen(tmp_path / "a.png", values, "RGB", (b"tRNS", used)))


def test_cmyk(tmp_path, colours):
    path = save(tmp_path / "a.jpg", Image.fromarray(colours).convert("CMYK"), quality=95)
    assert abs(read_picture(path).astype(int) - colours)[12:, 20:].max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, colours, orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how a camera held that way stores the upright picture
    upright = Image.fromarray(colours)
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.png", stored, exif=exif)
    np.testing.assert_array_equal(read_picture(path), colours)


def test_an_embedded_profile_is_applied(tmp_path):
    """Under a profile whose red is the green of sRGB, and the other way round."""
    image = Image.new("RGB", (20, 20), (200, 40, 90))
    path = save(tmp_path / "a.png", image, icc_profile=_swapped_srgb())
    assert abs(read_picture(path)[0, 0].astype(int) - (40, 200, 90)).max() <= 2


def _swapped_srgb():
    """The profile of sRGB, red and green primaries exchanged, under another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data = bytearray(bytes(data).replace("sRGB built-in".encode("utf-16-be"), "swapped prima".encode("utf-16-be")))
    count = struct.unpack(">I", data[128:132])[0]
    tags = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


def test_an_srgb_profile_changes_nothing(tmp_path, colours):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = save(tmp_path / "a.png", Image.fromarray(colours), icc_profile=profile)
    np.testing.assert_array_equal(read_picture(path), colours)


def matrix_profile(name, primaries, curve):
    """A minimal ICC profile: matrix and curve (one number is an exponent; more are its values at equal steps)."""
    description = name.encode() + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(description)) + description + bytes(78),
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        **{
            tag: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in xyz))
            for tag, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
        },
        **{
            tag: b"curv\0\0\0\0" + struct.pack(f">I{len(curve)}H", len(curve), *curve)
            for tag in (b"rTRC", b"gTRC", b"bTRC")
        },
    }
    place, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", tag, place + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", place + len(body), bytes(4), 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


#: Colorants of profiles, adapted to D50: sRGB and Display P3.
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
LINEAR = [256]  # an exponent, in units of 1/256
SRGB_CURVE = [
    round(65535 * (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)) for v in np.arange(1024) / 1023
]


@pytest.mark.parametrize(
    ("primaries", "curve", "stored", "expected"),
    [
        (SRGB, SRGB_CURVE, (3, 128, 200), (3, 128, 200)),
        (SRGB, LINEAR, (55, 55, 55), (128, 128, 128)),  # 128 of sRGB is 21.6 % of the light
        (P3, SRGB_CURVE, (128, 128, 128), (128, 128, 128)),
        (P3, SRGB_CURVE, (234, 51, 35), (255, 0, 0)),  # the red of sRGB in Display P3
    ],
)
@pytest.mark.parametrize("name", ["GIMP built-in Linear sRGB", "sRGB IEC61966-2.1", "Display P3", "c2"])
def test_a_profile_is_what_it_does_whatever_its_name(tmp_path, primaries, curve, stored, expected, name):
    image = Image.new("RGB", (20, 20), stored)
    path = save(tmp_path / "a.png", image, icc_profile=matrix_profile(name, primaries, curve))
    tolerance = 0 if stored == expected and len(set(stored)) > 1 else 2
    assert abs(read_picture(path)[0, 0].astype(int) - expected).max() <= tolerance


def write_eight(path, colour, *chunks):
    """A PNG with any chunks before its pixels."""
    rows = (b"\0" + bytes(colour) * 20) * 20
    header = struct.pack(">IIBBBBB", 20, 20, 8, 2, 0, 0, 0)
    everything = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in everything
        )
    )
    return path


def gamma(value):
    return b"gAMA", struct.pack(">I", round(value * 1e5))


def chromaticities(*values):
    return b"cHRM", struct.pack(">8I", *(round(value * 1e5) for value in values))


P3_CHRM = chromaticities(0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
P3_CICP = b"cICP", bytes([12, 13, 0, 1])
SRGB_CHRM = chromaticities(0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)


@pytest.mark.parametrize(
    ("chunks", "stored", "expected"),
    [
        ([gamma(1)], (188, 188, 188), (223, 223, 223)),
        ([gamma(1)], (55, 0, 255), (128, 0, 255)),
        ([gamma(0.45455)], (3, 128, 200), (3, 128, 200)),  # what goes with the curve of sRGB
        ([gamma(0.45455), SRGB_CHRM], (3, 128, 200), (3, 128, 200)),
        ([gamma(0.55556)], (128, 128, 128), (146, 146, 146)),  # 1.8: light of 28.9 %
        ([gamma(1), (b"sRGB", b"\0")], (188, 188, 188), (188, 188, 188)),  # sRGB goes before gAMA
        ([P3_CHRM], (234, 51, 35), (255, 0, 0)),
        ([gamma(0.45455), P3_CHRM], (128, 128, 128), (128, 128, 128)),
        ([(b"cICP", bytes([12, 13, 0, 1]))], (234, 51, 35), (255, 0, 0)),
        ([(b"cICP", bytes([1, 13, 0, 1])), gamma(1)], (3, 128, 200), (3, 128, 200)),  # cICP goes before all
        ([(b"cICP", bytes([1, 8, 0, 1]))], (188, 188, 188), (223, 223, 223)),
    ],
)
def test_what_a_png_says_of_its_bytes(tmp_path, chunks, stored, expected):
    picture = read_picture(write_eight(tmp_path / "a.png", stored, *chunks))
    assert abs(picture[0, 0].astype(int) - expected).max() <= (0 if stored == expected else 1)


@pytest.mark.parametrize(
    ("chunk", "message"),
    [
        (
            (b"cICP", bytes([9, 16, 0, 1])),
            r"a\.png: its colours have the primaries 9 \(BT\.2020\) and the curve 16 \(PQ\)",
        ),
        ((b"cICP", bytes([1, 18, 0, 1])), r"curve 18 \(HLG\)"),
        ((b"cICP", bytes([200, 13, 0, 1])), r"primaries 200 \(unknown\)"),
        ((b"cICP", bytes([1, 13, 0, 0])), r"a\.png: its bytes are of a video, 16 to 235 \(cICP\)"),
        (gamma(0), r"its gAMA is 0; expected a positive number"),
        (chromaticities(*[0.0] * 8), r"its chromaticities \(cHRM\) are no primaries"),
        (chromaticities(*[0.3] * 8), r"its chromaticities \(cHRM\) are no primaries"),
    ],
)
def test_what_has_no_faithful_conversion_is_refused_by_its_name(tmp_path, chunk, message):
    with pytest.raises(InputError, match=message):
        read_picture(write_eight(tmp_path / "a.png", (128, 128, 128), chunk))


#: Of Display P3: redder than sRGB can be, its red up to rounding, and colours within.
OUTSIDE, INSIDE = (240, 30, 20), [(234, 51, 35), (255, 255, 255), (0, 0, 0), (120, 130, 90)]


def test_notes_on_a_large_folder_take_little_memory():
    """Workers send notes with every picture: 50,000 equal objects were 60 MB."""
    notes = Notes()
    for file in "abc":
        notes.add(Notes({file: Decoded(jpeg=file != "c")}))
    assert notes.pictures["a"] is notes.pictures["b"]
    assert [each.jpeg for each in notes.pictures.values()] == [True, True, False]
    notes.add(Notes({"d": Decoded(jpeg=True, clipped=0.1)}))
    assert notes.pictures["d"].clipped == 0.1


@pytest.mark.parametrize("says", ["profile", "cICP"])
def test_colours_outside_of_srgb_are_said_with_their_share(tmp_path, says):
    pixels = np.full((20, 20, 3), OUTSIDE, dtype=np.uint8)
    pixels[5:] = np.resize(INSIDE, (15, 20, 3))
    profile = matrix_profile("c2", P3, SRGB_CURVE)
    if says == "profile":
        save(tmp_path / "a.png", Image.fromarray(pixels), icc_profile=profile)
    else:
        save(tmp_path / "a.png", Image.fromarray(pixels))
        data = (tmp_path / "a.png").read_bytes()
        kind, body = P3_CICP
        cicp = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        (tmp_path / "a.png").write_bytes(data[:33] + cicp + data[33:])
    with pytest.warns(ClippedColours, match=r"a\.png: 25 % of the pixels have colours outside the gamut of sRGB"):
        read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(clipped_pixels(tmp_path / "a.png"), (np.arange(20) < 5)[:, None].repeat(20, axis=1))
    with noted() as notes:
        read_picture(tmp_path / "a.png")
    assert notes.pictures[str(tmp_path / "a.png")].clipped == 0.25


@pytest.mark.parametrize(
    ("name", "options", "jpeg"),
    [
        ("a.jpg", {}, True),
        ("a.mpo", {}, True),
        ("a.tif", {"compression": "jpeg"}, True),
        ("b.tif", {"compression": "tiff_lzw"}, False),
        ("a.png", {}, False),
    ],
)
def test_files_compressed_as_jpeg_are_known(tmp_path, colours, name, options, jpeg):
    with noted() as notes:
        read_picture(save(tmp_path / name, Image.fromarray(colours), **options))
    assert [picture.jpeg for picture in notes.pictures.values()] == [jpeg]


def heic(path, pixels, **options):
    """A HEIC file of an array, which a subsampled chroma changes a little."""
    heif = pytest.importorskip("pillow_heif")
    mode = "RGB" if pixels.dtype == np.uint8 else "RGB;16"
    heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes()).save(path, quality=95, **options)
    return path


def test_heic(tmp_path, colours):
    read = read_picture(heic(tmp_path / "a.heic", colours)).astype(int)
    assert np.abs(read - colours)[[0, 0, -1], [0, -1, 0]].max() <= 3
    hdr = {"color_primaries": 9, "transfer_characteristics": 16, "matrix_coefficients": 9, "full_range_flag": 1}
    with pytest.raises(InputError, match=r"pq\.heic: its colours .* \(BT.2020\) and the curve 16 \(PQ\)"):
        read_picture(heic(tmp_path / "pq.heic", colours.astype(np.uint16) * 257, **hdr))


def test_heic_without_its_plugin_names_the_package(tmp_path, colours, monkeypatch):
    path = heic(tmp_path / "a.heic", colours)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(Image.OPEN, "HEIF", (None, lambda start: False))
    with pytest.raises(InputError, match=r"a\.heic: is a HEIC picture, .*; expected the package pillow-heif \(pip"):
        read_picture(path)


def test_grey_with_a_gamma(tmp_path):
    values = np.full((20, 20, 1), 188 * 257)
    assert (read_picture(write_sixteen(tmp_path / "a.png", values, "L", gamma(1))) == 223).all()


def test_a_jpeg_marked_as_adobe_rgb(tmp_path):
    """As cameras write it: without a profile, R03 in the interoperability index (Exif 2.32; DCF 2.0)."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    path = save(tmp_path / "a.jpg", Image.new("RGB", (20, 20), (219, 0, 0)), exif=exif, quality=100)
    assert abs(read_picture(path)[0, 0].astype(int) - (255, 0, 0)).max() <= 2  # the red of sRGB in Adobe RGB
    plain = save(tmp_path / "b.jpg", Image.new("RGB", (20, 20), (219, 0, 0)), quality=100)
    assert abs(read_picture(plain)[0, 0].astype(int) - (219, 0, 0)).max() <= 2


def test_primaries_of_a_tiff(tmp_path):
    options = {319: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06), 318: (0.3127, 0.3290)}
    path = save(tmp_path / "a.tif", Image.new("RGB", (20, 20), (234, 51, 35)), tiffinfo=options)
    assert abs(read_picture(path)[0, 0].astype(int) - (255, 0, 0)).max() <= 2


def test_an_avif_that_is_hdr_is_refused(tmp_path):
    if not features.check("avif"):
        pytest.skip("Pillow without AVIF")
    path = save(tmp_path / "a.avif", Image.new("RGB", (20, 20), (128, 128, 128)))
    assert abs(read_picture(path).astype(int) - 128).max() <= 2
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 8
    path.write_bytes(data[:at] + struct.pack(">HH", 9, 16) + data[at + 4 :])
    with pytest.raises(InputError, match=r"BT\.2020.*PQ"):
        read_picture(path)


def test_a_broken_profile_is_refused(tmp_path, colours):
    path = save(tmp_path / "a.png", Image.fromarray(colours), icc_profile=b"no profile")
    with pytest.raises(InputError, match="colour profile"):
        read_picture(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp", "a.webp", "a.gif"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated(tmp_path, name, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path / name, Image.fromarray(noise))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=name):
        read_picture(path)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent(tmp_path, mode):
    image = Image.new("RGBA", (20, 20), (10, 20, 30, 255))
    image.putpixel((3, 3), (10, 20, 30, 254))
    image = image.quantize(4) if mode == "PA" else image.convert(mode)
    with pytest.raises(InputError, match="is transparent"):
        read_picture(save(tmp_path / "a.png", image))


def test_transparent_colour_of_a_png_without_alpha(tmp_path):
    path = save(tmp_path / "a.png", Image.new("RGB", (20, 20), (10, 20, 30)), transparency=(10, 20, 30))
    with pytest.raises(InputError, match="is transparent in 100 % of its pixels"):
        read_picture(path)
    path = save(tmp_path / "b.png", Image.new("RGB", (20, 20), (10, 20, 30)), transparency=(10, 20, 31))
    assert read_picture(path).shape == (20, 20, 3)


def test_animation(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    path = save(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="several frames"):
        read_picture(path)


def test_the_preview_in_a_photograph_of_a_telephone(tmp_path, colours):
    path = save(
        tmp_path / "a.jpg",
        Image.fromarray(colours),
        format="MPO",
        save_all=True,
        append_images=[Image.new("RGB", (8, 8))],
    )
    assert read_picture(path).shape == colours.shape


def test_floats_have_no_range(tmp_path):
    path = save(tmp_path / "a.tif", Image.fromarray(np.zeros((20, 20), dtype=np.float32)))
    with pytest.raises(InputError, match="no defined sRGB value"):
        read_picture(path)


@pytest.mark.parametrize(("width", "height"), [(15, 40), (40, 15)])
def test_too_small(tmp_path, width, height):
    path = save(tmp_path / "a.png", Image.new("RGB", (width, height)))
    with pytest.raises(InputError, match=f"{width}×{height} pixels; expected at least 16×16"):
        read_picture(path)
    assert read_picture(path, minimum_side=15).shape == (height, width, 3)


def test_absurdly_large(tmp_path):
    side = int(MAXIMUM_PIXELS**0.5) + 1
    for name, factor in (("warned.png", 1), ("refused.png", 2)):
        path = save(tmp_path / name, Image.new("1", (side * factor, side)))
        with pytest.raises(InputError, match="absurdly large; expected at most 89 million pixels"):
            read_picture(path)


def test_no_picture(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    (tmp_path / "b.png").write_bytes(b"")
    for name, message in (("a.png", "is no picture"), ("b.png", r"b\.png: is empty; expected a picture")):
        with pytest.raises(InputError, match=message):
            read_picture(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        read_picture(tmp_path / "c.png")
    with pytest.raises(InputError, match="is a folder"):
        read_picture(tmp_path)


def test_reading_warns_of_nothing(tmp_path, colours):
    path = save(tmp_path / "a.jpg", Image.fromarray(colours), exif=b"Exif\0\0broken")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(path).shape == colours.shape


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"pipe\.png: is a pipe; expected a picture file"):
        read_picture(tmp_path / "pipe.png")


def test_a_picture_is_a_file_or_an_array(tmp_path, colours):
    write_picture(tmp_path / "a.png", colours)
    for given in (tmp_path / "a.png", str(tmp_path / "a.png"), colours, colours / 255, (colours / 255).astype("f4")):
        np.testing.assert_array_equal(as_picture(given), colours)
    np.testing.assert_array_equal(as_picture(colours[..., 0]), colours[..., :1].repeat(3, axis=2))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((32, 32, 4), np.uint8), r"mine has shape \(32, 32, 4\); expected \(h, w, 3\), sRGB, or \(h, w\)"),
        (np.zeros((32, 32)) + 1.01, r"mine goes from 1.01 to 1.01; expected floats in 0 to 1"),
        (np.full((32, 32), np.nan), r"expected floats in 0 to 1"),
        (np.zeros((32, 32), int), r"mine is of the type int64; expected bytes"),
        (np.zeros((32, 15), np.uint8), r"mine is 15×32 pixels; expected at least 16×16"),
        (np.array([["a"]]), "expected"),
    ],
)
def test_an_array_that_is_no_picture(array, message):
    with pytest.raises(InputError, match=message):
        as_picture(array, name="mine")
