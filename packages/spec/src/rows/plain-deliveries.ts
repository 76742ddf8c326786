import { type CombinationStatus, combinationStateName, type DeliveryStatus } from "@polyreel/contract";
import { plainCertificate } from "./plain-certificate.js";
import { plainFailure } from "./plain-failure.js";

/** Where files and URLs of deliveries are, as they are shown. */
export interface Shown {
  readonly file: (path: string) => string;
  /** The server that serves them; empty: nobody does. */
  readonly server: string;
}

/** The outputs of a combination as plain JSON, one for each destination; where it has only one, just as it is `wanted`. */
export const plainDeliveries = (
  { outputs }: CombinationStatus,
  shown: Shown,
  wanted = outputs.length > 1,
): { outputs?: object[] } => (wanted ? { outputs: outputs.map((one) => plainDelivery(one, shown)) } : {});

function plainDelivery(one: DeliveryStatus, { file, server }: Shown): object {
  const { name, state, path, urlPath, certificate, failure, rejectionReason } = one;
  return {
    name,
    state: combinationStateName(state),
    ...(path && { file: file(path) }),
    ...(server && urlPath && { url: server + urlPath }),
    ...(certificate && { certificate: plainCertificate(certificate) }),
    ...(failure && { failure: plainFailure(failure) }),
    ...(rejectionReason && { rejectionReason }),
  };
}
