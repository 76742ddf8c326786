import { PolyreelError } from "@polyreel/platform/errors.js";

/** Of a page token that the call did not give. */
export const foreignToken = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "page_token",
    reason: "That is no page token of this call.",
    remedy: "Give next_page_token of the page before, as it was.",
  });
