export { checkBatch } from "./check-batch.js";
export { checkCount } from "./check-count.js";
export { amongTenants, isAmongTenants } from "./check-folder.js";
export { checkNotify } from "./check-notify.js";
export { MAX_SUBTITLE_BYTES } from "./check-operations.js";
export { comparePlaces, placeOf } from "./place.js";
export { wordingOf } from "./schema-wording.js";
