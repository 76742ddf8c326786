export type { FilesBeside, MediaKind, Unreadable } from "./files/index.js";
export { type BatchFile, parseBatchFile, unitOf } from "./parse.js";
export { EVERY_TENANT, parseNotify } from "./parse-notify.js";
export { parsePresets } from "./parse-presets.js";
export { continueBatch, sampleBatch } from "./part-of-batch.js";
export { type PlainYaml, parsePlainYaml } from "./plain-yaml.js";
export type { Problem, Where } from "./problem.js";
export type { SourceUse } from "./reading.js";
export { batchJsonSchema, batchSchemaText } from "./schema/batch-schema.js";
