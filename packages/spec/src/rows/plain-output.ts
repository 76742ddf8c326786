import { timestampDate } from "@bufbuild/protobuf/wkt";
import { combinationStateName, type OutputStatus, Stage, type Step, type TryingAgain } from "@polyreel/contract";
import { plainFailure } from "./plain-failure.js";

/** Progress of a combination's output as plain JSON. `server`: address of the server. */
export const plainOutput = (
  { name, state, percent, step, path, location, urlPath, link, failure, rejectionReason }: OutputStatus,
  server: string,
) => ({
  name,
  state: combinationStateName(state),
  percent,
  ...(step && { step: plainStep(step) }),
  ...(path && { path }),
  ...(location && { location }),
  ...(urlPath && { url: server + urlPath }),
  ...(link && { link }),
  ...(failure && { failure: plainFailure(failure) }),
  ...(rejectionReason && { rejectionReason }),
});

const plainStep = ({ stage, id, block, choice, index, count, fraction, tryingAgain }: Step) => ({
  stage: (Stage[stage] ?? "unspecified").toLowerCase(),
  id,
  ...(block && { block, choice }),
  ...{ index, count, fraction },
  ...(tryingAgain && { tryingAgain: plainTryingAgain(tryingAgain) }),
});

const plainTryingAgain = ({ tried, tries, nextAt, until, reason }: TryingAgain) => ({
  tried,
  ...(tries > 0 && { tries }),
  ...(nextAt && { nextAt: timestampDate(nextAt).toISOString() }),
  ...(until && { until: timestampDate(until).toISOString() }),
  reason,
});
