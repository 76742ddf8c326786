export { type CopyProgress, copyStore } from "./copy-store.js";
export { DamagedObject } from "./damaged-object.js";
export type { DirectUploads, UploadedPart } from "./direct-uploads.js";
export { openFolderStore } from "./folder-store.js";
export { isTenant, tenantPrefix } from "./keys.js";
export type { LocalFile, LocalFiles, OpenOptions } from "./local-files.js";
export { findStore, openStore, type StoreConfig } from "./open-store.js";
export { readBytes, readBytesIfAny } from "./read-bytes.js";
export { describeS3, isS3Address, parseS3Address, type S3Address } from "./s3/s3-address.js";
export { scopedStore } from "./scoped-store.js";
export type { BlobStore, Content, Store } from "./store.js";
export {
  ACCESS_KEYS,
  AUDIT_LOG,
  accessKeyKey,
  accessKeyRevokedKey,
  accessKeyUseKey,
  DIRECT_UPLOADS,
  directUploadKey,
  driveFileIdKey,
  driveFolderIdKey,
  droppedKey,
  FINISHED_UPLOADS,
  fetchedKey,
  finishedUploadKey,
  INCOMING,
  incomingKey,
  KEPT_SPEECH,
  keptLinkKeyKey,
  keptPathsKey,
  keptSpeechKey,
  keptSpeechUseKey,
  measuredKey,
  outputBytesKey,
  outputBytesPrefix,
  partUsesKey,
  planKey,
  planPrefix,
  posterKey,
  probePrefix,
  SIGNING_KEYS,
  SOURCES,
  signingKeyKey,
  sourceKey,
  sourceRecordKey,
  sourceRemovalKey,
  sourceUseKey,
  speechRequestKey,
  speechSpentPrefix,
  speechTakeKey,
  TENANTS,
  UPLOAD_PIECES,
  UPLOADS,
  USER_SESSIONS,
  USERS,
  uploadInfoKey,
  uploadPieceKey,
  uploadPiecePrefix,
  verifiedKey,
  voiceListingKey,
  workListKey,
} from "./stored-keys.js";
