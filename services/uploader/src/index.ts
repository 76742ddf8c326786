export { readConfig } from "./config.js";
export { FolderDestination } from "./destinations/folder/folder-destination.js";
export { deliverOutput } from "./on-combination-rendered.js";
export { startUploader, type Uploader } from "./service.js";
