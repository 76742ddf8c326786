import type { IncomingMessage } from "node:http";
import { shownUrl } from "@polyreel/planning";
import { sourceError } from "@polyreel/platform";
import { checkedAddress, redirectTarget } from "./checked-address.js";
import { get, type Way } from "./get.js";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * The first answer that is no redirect, and what it is an answer for, as people are told. Every address on the way is
 * checked like the first. Throws TryAgain or PolyreelError `invalid`.
 */
export async function followRedirects(address: string, way: Way): Promise<{ answer: IncomingMessage; shown: string }> {
  let url = checkedAddress(address, way.admission);
  for (let redirects = 0; ; redirects++) {
    const answer = await get(url, way);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return { answer, shown: shownUrl(url) };
    answer.destroy(); // what it says besides is nothing to us
    if (redirects === MAX_REDIRECTS) {
      throw sourceError({
        reason: `${shownUrl(address)} redirects more than ${MAX_REDIRECTS} times.`,
        remedy: "Give the address of the file itself.",
      });
    }
    url = redirectTarget(url, location, way.admission);
  }
}
