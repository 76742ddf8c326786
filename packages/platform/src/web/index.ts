export { PROVIDERS, VOICES, WEBHOOKS } from "./address-use.js";
export { type Admission, admissionOf } from "./admission.js";
export { checkedAddress } from "./checked-address.js";
export { checkedLookup, type Resolve, systemResolve } from "./checked-lookup.js";
export { connectionFault } from "./connection-fault.js";
export { retryAfterMs } from "./retry-after.js";
export { fileNameOf, shownUrl } from "./shown-url.js";
