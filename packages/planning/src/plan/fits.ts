import { Fit } from "@polyreel/contract";

/** Names of fits in recipes. */
export const FITS: Partial<Record<Fit, string>> = {
  [Fit.COVER]: "cover",
  [Fit.CONTAIN]: "contain",
  [Fit.BLUR]: "blur",
};
