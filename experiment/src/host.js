// Whoever runs the page may take the data, besides the file that a person saves.

/** What the page sends itself when a session ends, with all data as JSON; hosts may listen. */
const FINISH = "illusions:finish";
let take = null;
let listens = false;

/** Offer `illusions.sendTo(take)` to the lines of a host, and notice lines that wait for the event alone. */
export function offerData() {
  window.illusions = {
    /** take(data, { ended }): JSON after every answer, and once more at the end; may return a promise. */
    sendTo: (function_) => { take = function_; },
  };
  const listen = document.addEventListener;
  document.addEventListener = function (type, ...others) {
    listens ||= type === FINISH;
    return listen.call(this, type, ...others);
  };
}

/** Whether somebody takes the data, so that they leave the page. */
export function isHosted() {
  return Boolean(take) || listens;
}

/** What there is so far, after an answer: kept by the host, should the person never come to the end. */
export async function handOverSoFar(data) {
  try {
    await take?.(data, { ended: false });
  } catch {} // the next answer brings all of it again
}

/** What there is when somebody leaves midway. */
export function handOverOnLeaving(data) {
  if (take) handOverSoFar(data);
  else announce(data);
}

/** All of it. Returns whether a host has it: true, false if it could not take it, null if there is no host. */
export async function handOver(data) {
  const hosted = isHosted();
  announce(data);
  try {
    await take?.(data, { ended: true });
    return hosted || null;
  } catch {
    return false;
  }
}

function announce(data) {
  document.dispatchEvent(new CustomEvent(FINISH, { detail: data }));
}
