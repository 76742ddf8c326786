import { create } from "@bufbuild/protobuf";
import { type CombinationStatus, durationSecondsOf, FailureSchema } from "@polyreel/contract";
import { plainCertificate } from "./plain-certificate.js";
import { plainDeliveries, type Shown } from "./plain-deliveries.js";
import { plainFailure, plainWarning } from "./plain-failure.js";
import { choicesByBlock } from "./row-choices.js";

/** A delivered combination in the report of a finished batch, as plain JSON. */
export const reportedOutput = (one: CombinationStatus, shown: Shown): object => ({
  id: one.id,
  choices: choicesByBlock(one.choices),
  ...(one.path && { file: shown.file(one.path) }),
  ...(one.location && { location: one.location }),
  ...(shown.server && one.urlPath && { url: shown.server + one.urlPath }),
  durationSeconds: one.certificate ? durationSecondsOf(one.certificate) : 0,
  certificate: one.certificate ? plainCertificate(one.certificate) : null,
  warnings: (one.certificate?.warnings ?? []).map(plainWarning),
  ...plainDeliveries(one, shown),
});

/** A failed combination in that report. */
export const reportedFailure = (one: CombinationStatus, shown: Shown): object => ({
  id: one.id,
  ...plainFailure(one.failure ?? create(FailureSchema)),
  ...plainDeliveries(one, shown),
});
