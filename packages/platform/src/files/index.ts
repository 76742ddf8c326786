export { isAbsent, undefinedIfAbsent } from "./absent.js";
export { diskError, systemCode } from "./disk-error.js";
export { readKeptPaths, writeKeptPaths } from "./kept-paths.js";
export { removeLeftFolders } from "./left-folders.js";
export { lockFolder } from "./lock-folder.js";
export { makeOwnFolder } from "./own-folder.js";
export { digestBytes, digestFile, digestStream } from "./payload-digest.js";
export { readRange } from "./read-range.js";
export { openWorkFolder, type WorkFolder } from "./work-folder.js";
