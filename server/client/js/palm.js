// Tells a hand that rests on the screen from fingers that mean something, once a pen has been seen. Pure but for the memory.

const PALM_MS = 400; // after the pen was lifted
const PALM_PX = 70; // of contact; fingers are half as wide
let isSeen = false; // from then on one finger moves the view, and does not draw
let isDown = false;
let time = 0;

export const isPenSeen = () => isSeen;

export function penDown({ timeStamp }) {
  isSeen = isDown = true;
  time = timeStamp;
}

export function penUp({ timeStamp }) {
  isDown = false;
  time = timeStamp;
}

/** A touch beside a pen that is down or was a moment ago, or one that is wider than a finger. */
export function isPalm({ pointerType, timeStamp, width, height }) {
  return pointerType === "touch" && isSeen && (isDown || timeStamp - time < PALM_MS || Math.max(width, height) > PALM_PX);
}
