import { promises as dns, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Admission } from "./admission.js";
import { needsTls, pointsInside } from "./checked-address.js";

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** The system's resolver, as used by other programs on this machine. */
export const systemResolve: Resolve = (host) => dns.lookup(host, { all: true, verbatim: true });

/**
 * The look-up function of a connection: returns only admitted addresses. The connection uses exactly these, so a name
 * that resolves differently a moment later (DNS rebinding) has no effect. `shown`: how errors name the URL;
 * `secure`: whether it is one of https.
 */
export function checkedLookup(
  admission: Admission,
  resolve: Resolve,
  shown: string,
  { secure = true } = {},
): LookupFunction {
  const isPlain = !secure && !admission.use.plainHttp;
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const reachable = found.filter(({ address }) => admission.admits(host, address));
        const admitted = isPlain ? reachable.filter(({ address }) => admission.lists(host, address)) : reachable;
        const [first] = admitted;
        if (!first) callback((reachable.length > 0 ? needsTls : pointsInside)(shown, admission), "");
        else if (options.all) callback(null, admitted);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}
