import { sourceError } from "@polyreel/platform";
import { type Admission, checkedAddress, shownUrl } from "@polyreel/platform/web";

/** The target of a redirect. Throws PolyreelError `invalid` if it is not allowed. */
export function redirectTarget(from: URL, location: string, admission: Admission): URL {
  if (!URL.canParse(location, from.href)) {
    throw sourceError({
      reason: `${shownUrl(from)} redirects to an address that can't be read.`,
      remedy: "Use the address of the file itself.",
    });
  }
  const target = checkedAddress(new URL(location, from.href).href, admission);
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw sourceError({
      reason: `${shownUrl(from)} redirects from https to http, where the file could be changed in transit.`,
      remedy: "Use an address that keeps https.",
    });
  }
  return target;
}
