import type { IncomingMessage } from "node:http";
import { sourceError } from "@polyreel/platform";
import { checkedAddress, shownUrl } from "@polyreel/platform/web";
import { get, type RequestContext } from "./get.js";
import { redirectTarget } from "./redirect-target.js";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * The first answer that is not a redirect, with its URL as shown to users. Every redirect target is checked like the
 * first address. Throws TryAgain or PolyreelError `invalid`.
 */
export async function followRedirects(
  address: string,
  context: RequestContext,
): Promise<{ answer: IncomingMessage; shown: string }> {
  let url = checkedAddress(address, context.admission);
  for (let redirects = 0; ; redirects++) {
    const answer = await get(url, context);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return { answer, shown: shownUrl(url) };
    answer.destroy(); // The body of a redirect is not needed.
    if (redirects === MAX_REDIRECTS) {
      throw sourceError({
        reason: `${shownUrl(address)} redirects more than ${MAX_REDIRECTS} times.`,
        remedy: "Use the address of the file itself.",
      });
    }
    url = redirectTarget(url, location, context.admission);
  }
}
