import { promises as dns, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Admission } from "./admission.js";
import { pointsInside } from "./checked-address.js";

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** As every other program on this machine looks names up. */
export const systemResolve: Resolve = (host) => dns.lookup(host, { all: true, verbatim: true });

/**
 * The look-up of a connection: hands out only addresses that are admitted. The connection is made to just these, so that a
 * name that means something else a moment later changes nothing. `shown`: what a refusal names.
 */
export function checkedLookup(admission: Admission, resolve: Resolve, shown: string): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const admitted = found.filter(({ address }) => admission.admits(host, address));
        const [first] = admitted;
        if (!first) callback(pointsInside(shown), "");
        else if (options.all) callback(null, admitted);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}
