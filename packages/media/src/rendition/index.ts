export { requireHardware } from "./hardware/find-hardware.js";
export { type HardwareEncoder, hardwareEncoders, hardwareOf } from "./hardware/hardware-encoder.js";
export { foreseeFile, makeFile } from "./make-file.js";
export type { MadeRendition } from "./transcode.js";
