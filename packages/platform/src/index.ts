export {
  type ErrorCode,
  errorCodeOf,
  type FailureInit,
  PolyreelError,
  sourceError,
  toPolyreelError,
} from "./errors.js";
export { composed, Releasers, type Running, runProcess } from "./lifecycle.js";
export { formatSpan, parseBytes, parseSpan } from "./quantities.js";
export { VERSION } from "./version.js";
