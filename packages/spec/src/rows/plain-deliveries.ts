import { type CombinationStatus, combinationStateName, type DeliveryStatus } from "@polyreel/contract";
import { plainCertificate } from "./plain-certificate.js";
import { plainFailure } from "./plain-failure.js";

/** Base of the displayed files and URLs of deliveries. */
export interface Shown {
  readonly file: (path: string) => string;
  /** The server that serves them; empty if none does. */
  readonly server: string;
}

/** The outputs of a combination as plain JSON, one per destination; a single one only if `wanted`. */
export const plainDeliveries = (
  { outputs }: CombinationStatus,
  shown: Shown,
  listed = outputs.length > 1,
): { outputs?: object[] } => (listed ? { outputs: outputs.map((one) => plainDelivery(one, shown)) } : {});

function plainDelivery(one: DeliveryStatus, { file, server }: Shown): object {
  const { name, state, path, location, urlPath, link, certificate, failure, rejectionReason } = one;
  return {
    name,
    state: combinationStateName(state),
    ...(path && { file: file(path) }),
    ...(location && { location }),
    ...(server && urlPath && { url: server + urlPath }),
    ...(link && { link }),
    ...(certificate && { certificate: plainCertificate(certificate) }),
    ...(failure && { failure: plainFailure(failure) }),
    ...(rejectionReason && { rejectionReason }),
  };
}
