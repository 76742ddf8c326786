export { openFolderStore } from "./folder-store.js";
export { checkedKey, isTenant, tenantPrefix } from "./keys.js";
export { scopedStore } from "./scoped-store.js";
export {
  droppedKey,
  fetchedKey,
  keptPathsKey,
  measuredKey,
  outputBytesKey,
  outputBytesPrefix,
  PLANS,
  planKey,
  planPrefix,
  SOURCES,
  type Store,
  sourceKey,
  TENANTS,
  verifiedKey,
  workListKey,
} from "./store.js";
