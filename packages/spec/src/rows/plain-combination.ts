import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type CombinationStatus, combinationStateName, durationSecondsOf } from "@polyreel/contract";
import { plainCertificate } from "./plain-certificate.js";
import { plainFailure, plainWarning } from "./plain-failure.js";
import { choicesByBlock } from "./row-choices.js";

/** A combination as plain JSON. `url`: where it is served; empty if it is not. */
export function plainCombination(one: CombinationStatus, url: string): object {
  const {
    id,
    state,
    path,
    location,
    link,
    picturePaths,
    metadata,
    certificate,
    failure,
    rejectionReason,
    endedAt,
    traceId,
  } = one;
  return {
    id,
    state: combinationStateName(state),
    choices: choicesByBlock(one.choices),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(path && { path }),
    ...(location && { location }),
    ...(url && { url }),
    ...(link && { link }),
    ...(picturePaths.length > 0 && { pictures: picturePaths }),
    ...(certificate && { durationSeconds: durationSecondsOf(certificate), certificate: plainCertificate(certificate) }),
    ...(certificate && certificate.warnings.length > 0 && { warnings: certificate.warnings.map(plainWarning) }),
    ...(failure && { failure: plainFailure(failure) }),
    ...(rejectionReason && { rejectionReason }),
    ...(endedAt && { endedAt: timestampDate(endedAt).toISOString() }),
    ...(traceId && { traceId }),
  };
}
