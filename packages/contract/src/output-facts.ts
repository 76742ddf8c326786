import { clone, create } from "@bufbuild/protobuf";
import {
  type BatchSubmitted,
  type Certificate,
  CertificateSchema,
  type CombinationPlanned,
  type CombinationRendered,
  type JoinCertificate,
  JoinCertificateSchema,
  type OutputPlan,
  OutputPlanSchema,
  type OutputSummary,
  OutputSummarySchema,
  type Target,
} from "./gen/polyreel/v1/events_pb.js";

// Facts about outputs and deliveries, including those of releases with one output per batch.

/** The planned outputs of a combination. In earlier releases: a video, and each picture beside it as a separate output. */
export function outputPlansOf({ outputs, target, combination }: CombinationPlanned): OutputPlan[] {
  if (outputs.length > 0 || !target) return outputs;
  const { pictures, ...bound } = target;
  const fileName = combination?.fileName ?? "";
  const name = fileName.slice(0, Math.max(0, fileName.lastIndexOf(".")));
  const at = (delivery: number) => [{ ...bound, $unknown: undefined, pictures: [], delivery }];
  return [
    create(OutputPlanSchema, { targets: at(0) }),
    ...pictures.map(({ suffix, frames, columns, frameWidth }, i) =>
      create(OutputPlanSchema, {
        number: i + 1,
        fileName: name + suffix,
        operation: { case: "picture", value: { frames, columns, frameWidth } },
        targets: at(i + 1),
      }),
    ),
  ];
}

/**
 * Whether an earlier release planned it, which counted the video and its pictures as one delivery. Later facts about it
 * state their number.
 */
export const isFormerPlan = ({ outputs, target }: CombinationPlanned): boolean =>
  outputs.length === 0 && target !== undefined;

/**
 * Name of an output that is missing in the batch's submission: the present name of what an earlier release put beside a
 * video. `fileName`: of its file, or a path to it; empty if unknown.
 */
export const formerOutputName = (fileName: string): string =>
  fileName === "" ? "" : fileName.endsWith(FORMER_SHEET) ? "sheet" : "poster";

const FORMER_SHEET = ".sheet.jpg";

/** Number of planned deliveries of a combination, including those outside this plan. */
export const plannedDeliveries = ({ outputs, target, deliveryCount }: CombinationPlanned): number =>
  outputs.length > 0 || !target ? countOf(deliveryCount) : 1 + target.pictures.length;

/** The rendered output. In earlier releases: the video. */
export const renderedPlan = ({ outputPlan, target, output }: CombinationRendered): OutputPlan =>
  outputPlan ?? create(OutputPlanSchema, { number: output, ...(target && { targets: [target] }) });

/** File name of the rendered output; may contain folders. */
export const renderedFileName = (rendered: CombinationRendered): string =>
  renderedPlan(rendered).fileName || (rendered.combination?.fileName ?? "");

/** Whether it is from a release that made pictures while it delivered the video, so that they do not exist yet. */
export const lacksPictures = ({ outputPlan, target }: CombinationRendered): boolean =>
  !outputPlan && (target?.pictures.length ?? 0) > 0;

/** A certificate with its operation. */
export type OperationCertificate = Certificate & {
  readonly operation: Exclude<Certificate["operation"], { case: undefined }>;
};

/** A certificate by its operation. In earlier releases: that of a joined MP4. */
export function certificateOf(certificate: Certificate): OperationCertificate {
  const { operation, sizeBytes, warnings, headerSha256, frames, frameStep, timescale, videoSeconds } = certificate;
  if (operation.case !== undefined) return certificate as OperationCertificate;
  const { audioSeconds, loudnessLufs, truePeakDbtp, predictedMinLufs, predictedMaxLufs } = certificate;
  const value = create(JoinCertificateSchema, {
    ...{ headerSha256, frames, frameStep, timescale, videoSeconds, audioSeconds },
    ...(loudnessLufs !== undefined && { loudnessLufs }),
    ...(truePeakDbtp !== undefined && { truePeakDbtp }),
    ...(predictedMinLufs !== undefined && { predictedMinLufs }),
    ...(predictedMaxLufs !== undefined && { predictedMaxLufs }),
  });
  const read = create(CertificateSchema, { sizeBytes, warnings, operation: { case: "join", value } });
  return read as OperationCertificate;
}

/** The certificate of a joined MP4; undefined for other outputs. */
export function joinOf(certificate: Certificate | undefined): JoinCertificate | undefined {
  const { operation } = certificate ? certificateOf(certificate) : {};
  return operation?.case === "join" ? operation.value : undefined;
}

/** Duration of an output; 0 if it has none. */
export function durationSecondsOf(certificate: Certificate): number {
  const { operation } = certificateOf(certificate);
  if (operation.case === "join") return operation.value.videoSeconds;
  if (operation.case === "rendition") return operation.value.durationSeconds;
  return operation.case === "audio" || operation.case === "inputAudio" ? operation.value.audioSeconds : 0;
}

/** A number of deliveries as written in facts, where 0 stands for one. */
export const countOf = (deliveryCount: number): number => deliveryCount || 1;

/** The inverse: the number as written in facts. */
export const shortCount = (deliveries: number): number => (deliveries === 1 ? 0 : deliveries);

/** The outputs of a batch. In earlier releases: the video. */
export const outputsOf = (submitted: BatchSubmitted | undefined): OutputSummary[] =>
  submitted && submitted.outputs.length > 0
    ? submitted.outputs
    : [create(OutputSummarySchema, { name: "video", deliveries: 1 })];

/** Only those outputs that have a delivery in the mask, with these deliveries alone; a mask of 0 keeps all. */
export function onlyDeliveries(outputs: readonly OutputPlan[], mask: bigint): OutputPlan[] {
  const kept = ({ delivery }: Target) => mask === 0n || ((mask >> BigInt(delivery)) & 1n) === 1n;
  return outputs.flatMap((output) => {
    const targets = output.targets.filter(kept);
    return targets.length > 0 ? [{ ...clone(OutputPlanSchema, output), targets }] : [];
  });
}

/** Numbers of the deliveries of these outputs, in order. */
export const deliveriesPlanned = (outputs: readonly OutputPlan[]): number[] =>
  outputs.flatMap(({ targets }) => targets.map(({ delivery }) => delivery)).sort((a, b) => a - b);
