/** Each tenant has its own segment below it. */
export const TENANTS = "tenants";
export const SOURCES = "sources";
export const sourceKey = (sha256: string): string => `${SOURCES}/${sha256}`;
/** Version of a source's file when its bytes were last compared with its hash. */
export const verifiedKey = (sha256: string): string => `${sourceKey(sha256)}.verified`;
/** What is recorded of a source beside its bytes (SourceRecord). */
export const sourceRecordKey = (sha256: string): string => `${sourceKey(sha256)}.record`;
/** Written when a source is used: its time of writing is the last use. */
export const sourceUseKey = (sha256: string): string => `${sourceKey(sha256)}.used`;
/** Exists while a source is being removed. */
export const sourceRemovalKey = (sha256: string): string => `${sourceKey(sha256)}.removal`;
/** Probes of a source, by version. */
export const probePrefix = (sha256: string): string => `probes/${sha256}/`;
/** Unfinished uploads: the size and description of each, written once. */
export const UPLOADS = "uploads";
export const uploadInfoKey = (uploadId: string): string => `${UPLOADS}/${uploadId}`;
/** Bytes of uploads. Not below a segment for each: in a store's folder it would stay, empty. */
export const UPLOAD_PIECES = "upload-pieces";
export const uploadPiecePrefix = (uploadId: string): string => `${UPLOAD_PIECES}/${uploadId}-`;
const OFFSET_DIGITS = 16;
/** Bytes of an upload from an offset on; keys ascend by offset. */
export const uploadPieceKey = (uploadId: string, offset: number): string =>
  uploadPiecePrefix(uploadId) + String(offset).padStart(OFFSET_DIGITS, "0");
/** Names the sources of finished uploads, for clients that ask again. */
export const FINISHED_UPLOADS = "finished-uploads";
export const finishedUploadKey = (uploadId: string): string => `${FINISHED_UPLOADS}/${uploadId}`;
/** Unfinished uploads that clients send to the store's server: what is known of each, written once. */
export const DIRECT_UPLOADS = "direct-uploads";
export const directUploadKey = (uploadId: string): string => `${DIRECT_UPLOADS}/${uploadId}`;
/** Objects that clients sent, until their hashes are known. */
export const INCOMING = "incoming";
export const incomingKey = (uploadId: string): string => `${INCOMING}/${uploadId}`;
const PLANS = "plans";
/** Prefix of all keys of a batch: its specification, results of its URLs, lists of work. */
export const planPrefix = (batchId: string): string => `${PLANS}/${batchId}-`;
/** A batch's specification. Its hash is part of the key: of two gateways that get different ones, one is accepted. */
export const planKey = (batchId: string, specSha256: string): string => planPrefix(batchId) + specSha256.slice(0, 16);
/** A batch's result of a URL, by the SHA-256 of that URL. */
export const fetchedKey = (batchId: string, urlSha256: string): string => `${planPrefix(batchId)}url-${urlSha256}`;
/** How often a batch's combinations use parts that several of them share (`DigestCounts.repeated`). */
export const partUsesKey = (batchId: string): string => `${planPrefix(batchId)}uses`;
/** Paths of videos that stay when the batch is deleted, because others have written there, too. */
export const keptPathsKey = (batchId: string): string => `${planPrefix(batchId)}kept`;
/** Files that earlier batches of its name left in a batch's folder (DroppedFiles). */
export const droppedKey = (batchId: string): string => `${planPrefix(batchId)}dropped`;
/** Below it are the bytes of outputs that are not in parts, by batch. */
const OUTPUT_BYTES = "outputs";
/** Prefix of a batch's keys. */
export const outputBytesPrefix = (batchId: string): string => `${OUTPUT_BYTES}/${batchId}/`;
/** Literal bytes of an output, by their SHA-256. They belong to the batch, and are removed with it. */
export const outputBytesKey = (batchId: string, sha256: string): string => outputBytesPrefix(batchId) + sha256;
/** A small picture of a clip or an input, by its hash, for lists. It is removed with the batch. */
export const posterKey = (batchId: string, hash: string): string => `${outputBytesPrefix(batchId)}poster-${hash}`;
/** A piece of the work list of a resumed batch. */
export const workListKey = (batchId: string, listId: string, piece: number): string =>
  `${planPrefix(batchId)}run-${listId}-${piece}`;
/** Id of a batch's file on Google Drive, recorded before the file exists. */
export const driveFileIdKey = (batchId: string, sha256: string): string => `${planPrefix(batchId)}drive-${sha256}`;
/** The same for a folder, which batches share. */
export const driveFolderIdKey = (sha256: string): string => `drive-folders/${sha256}`;
/** Speech that cannot be made again (KeptSpeech), by the hash of the line's recipe. */
export const KEPT_SPEECH = "speech";
export const keptSpeechKey = (hash: string): string => `${KEPT_SPEECH}/${hash}`;
/** Its time of writing is the last use. */
export const keptSpeechUseKey = (hash: string): string => `${keptSpeechKey(hash)}.used`;
/** The newest take of a line, by the hash of its first. */
export const speechTakeKey = (hash: string): string => `speech-takes/${hash}`;
/** Characters that providers may have charged for: a key for each request. */
export const speechSpentPrefix = (month: string): string => `speech-spent/${month}/`;
/** Exists while a provider may have charged for a line, by its hash, whose answer is not kept. */
export const speechRequestKey = (hash: string): string => `speech-requests/${hash}`;
const VOICE_LISTINGS = "voice-listings";
/** The voices that a provider listed last (ListVoicesResponse). */
export const voiceListingKey = (provider: string): string => `${VOICE_LISTINGS}/${provider}`;
/** Keys of callers (KeyRecord), of all tenants. */
export const ACCESS_KEYS = "access-keys";
export const accessKeyKey = (id: string): string => `${ACCESS_KEYS}/${id}`;
/** Its time of writing is that of the revocation. */
export const accessKeyRevokedKey = (id: string): string => `${accessKeyKey(id)}.revoked`;
/** Its time of writing is the last use. */
export const accessKeyUseKey = (id: string): string => `${accessKeyKey(id)}.used`;
/** Entries of the audit log (AuditEntry), of all tenants, that no database has. */
export const AUDIT_LOG = "audit-log";
/** Users (UserRecord) by id and revision, of all tenants. */
export const USERS = "users";
/** Their sessions (SessionRecord), by id and revision. */
export const USER_SESSIONS = "user-sessions";
/** Private keys that sign the tokens of sessions (JWK), by id. */
export const SIGNING_KEYS = "signing-keys";
export const signingKeyKey = (id: string): string => `${SIGNING_KEYS}/${id}`;
const MEASURED = "measured";
/** Measured costs of the parts that a service made for all tenants. */
export const measuredKey = (service: string): string => `${MEASURED}/${service}`;
const LINK_KEYS = "link-keys";
/** Key that signs links where none is configured; all gateways use it. */
export const keptLinkKeyKey = (): string => `${LINK_KEYS}/kept`;
/** Encrypted secrets of all tenants, and of one tenant. Each version of a secret is an object. */
export const SECRETS = "secrets";
export const TENANT_SECRETS = "tenant-secrets";
/** Names have no dot, so no other secret's versions begin like this. */
export const secretVersionsPrefix = ({ tenant, name }: { readonly tenant: string; readonly name: string }): string =>
  `${tenant === "" ? SECRETS : `${TENANT_SECRETS}/${tenant}`}/${name}.`;
const VERSION_DIGITS = 10;
/** Versions ascend as keys do. */
export const secretKey = (secret: { readonly tenant: string; readonly name: string }, version: number): string =>
  secretVersionsPrefix(secret) + String(version).padStart(VERSION_DIGITS, "0");
const SECRET_KEY = /^(?:secrets|tenant-secrets\/([a-z0-9-]{1,63}))\/([a-z0-9-]{1,63})\.(\d{10})$/;
/** Parses what `secretKey` makes; undefined for other objects. */
export function parseSecretKey(key: string): { tenant: string; name: string; version: number } | undefined {
  const [, tenant = "", name, version] = SECRET_KEY.exec(key) ?? [];
  return name === undefined ? undefined : { tenant, name, version: Number(version) };
}
/** Prefixes of all keys of a store, ascending; `polyreel up` has folders of its own beside them. */
export const STORED_PREFIXES: readonly string[] = [
  `${ACCESS_KEYS}/`,
  `${AUDIT_LOG}/`,
  `${LINK_KEYS}/`,
  `${MEASURED}/`,
  `${SECRETS}/`,
  `${TENANT_SECRETS}/`,
  `${SIGNING_KEYS}/`,
  `${TENANTS}/`,
  `${USER_SESSIONS}/`,
  `${USERS}/`,
  `${VOICE_LISTINGS}/`,
];
