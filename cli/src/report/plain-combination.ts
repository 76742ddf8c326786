import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type CombinationState, type CombinationStatus, durationSecondsOf } from "@polyreel/contract";
import { STATE_NAMES } from "../commands/filter.js";
import { choicesByBlock } from "./choices.js";
import { plainCertificate, plainWarning } from "./plain-certificate.js";
import { plainFailure } from "./plain-failure.js";

/** A combination's state by the name that people use. */
export const stateName = (state: CombinationState): string =>
  Object.entries(STATE_NAMES).find(([, value]) => value === state)?.[0] ?? "unknown";

/** What is known of a combination as plain JSON. `url`: where it is served; empty where it is not. */
export function plainCombination(one: CombinationStatus, url: string): object {
  const { id, state, path, picturePaths, metadata, certificate, failure, rejectionReason, endedAt, traceId } = one;
  return {
    id,
    state: stateName(state),
    choices: choicesByBlock(one),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(path && { path }),
    ...(url && { url }),
    ...(picturePaths.length > 0 && { pictures: picturePaths }),
    ...(certificate && { durationSeconds: durationSecondsOf(certificate), certificate: plainCertificate(certificate) }),
    ...(certificate && certificate.warnings.length > 0 && { warnings: certificate.warnings.map(plainWarning) }),
    ...(failure && { failure: plainFailure(failure) }),
    ...(rejectionReason && { rejectionReason }),
    ...(endedAt && { endedAt: timestampDate(endedAt).toISOString() }),
    ...(traceId && { traceId }),
  };
}
