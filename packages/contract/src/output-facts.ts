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

// Facts of outputs and deliveries, also as releases with one output a batch wrote them.

/** What is to be made of a planned combination. Of earlier releases: a video, and each picture beside it as an output of its own. */
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
 * Whether an earlier release planned it, which counted one delivery for the video and the pictures beside it. Whatever is published
 * of it since states how many there are.
 */
export const isFormerPlan = ({ outputs, target }: CombinationPlanned): boolean =>
  outputs.length === 0 && target !== undefined;

/**
 * Name of an output that the batch's submission does not name, as the present release names what an earlier one put beside a
 * video. `fileName`: of its file, or a path to it; empty where it is not known.
 */
export const formerOutputName = (fileName: string): string =>
  fileName === "" ? "" : fileName.endsWith(FORMER_SHEET) ? "sheet" : "poster";

const FORMER_SHEET = ".sheet.jpg";

/** Deliveries of a planned combination, whatever of it is planned. */
export const plannedDeliveries = ({ outputs, target, deliveryCount }: CombinationPlanned): number =>
  outputs.length > 0 || !target ? countOf(deliveryCount) : 1 + target.pictures.length;

/** The output that was rendered. Of earlier releases: the video. */
export const renderedPlan = ({ outputPlan, target, output }: CombinationRendered): OutputPlan =>
  outputPlan ?? create(OutputPlanSchema, { number: output, ...(target && { targets: [target] }) });

/** File name of the output that was rendered; may hold folders. */
export const renderedFileName = (rendered: CombinationRendered): string =>
  renderedPlan(rendered).fileName || (rendered.combination?.fileName ?? "");

/** Whether a release that made pictures while it delivered the video wrote it: nobody has made them. */
export const lacksPictures = ({ outputPlan, target }: CombinationRendered): boolean =>
  !outputPlan && (target?.pictures.length ?? 0) > 0;

/** A certificate with its operation. */
export type OperationCertificate = Certificate & {
  readonly operation: Exclude<Certificate["operation"], { case: undefined }>;
};

/** A certificate by its operation. Of earlier releases: that of a joined MP4. */
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

/** The certificate of a joined MP4; undefined of any other output. */
export function joinOf(certificate: Certificate | undefined): JoinCertificate | undefined {
  const { operation } = certificate ? certificateOf(certificate) : {};
  return operation?.case === "join" ? operation.value : undefined;
}

/** How long an output plays; 0 for what does not. */
export function durationSecondsOf(certificate: Certificate): number {
  const { operation } = certificateOf(certificate);
  if (operation.case === "join") return operation.value.videoSeconds;
  return operation.case === "audio" || operation.case === "inputAudio" ? operation.value.audioSeconds : 0;
}

/** A number of deliveries as facts have it, where 0 stands for one. */
export const countOf = (deliveryCount: number): number => deliveryCount || 1;

/** The same as facts have it. */
export const shortCount = (deliveries: number): number => (deliveries === 1 ? 0 : deliveries);

/** The outputs of a batch. Of earlier releases: the video. */
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
