export { RecordingDrive } from "./recording-drive.js";
