import type { DescMessage } from "@bufbuild/protobuf";
import { ATTEMPTS_BUCKET, bucketStream, LEASES_BUCKET, QUOTAS_BUCKET } from "./buckets.js";
import { type FactName, type FactPattern, STREAM } from "./facts.js";
import { JOBS_STREAM, REJECTED_STREAM } from "./job-subjects.js";
import { requestedKinds } from "./part-facts.js";
import {
  destinationsRequest,
  encoderRequest,
  estimateRequest,
  folderRequest,
  linksRequest,
  posterRequest,
  probeRequest,
  type ServiceRequest,
  voicesRequest,
} from "./service-requests.js";

export const serviceNames = ["gateway", "planner", "tts", "renderer", "uploader"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What a service may do on NATS, besides what every service may (see the command line's `service-permissions.ts`). */
export interface ServiceRights {
  readonly publishes: readonly FactName[];
  /** Facts that it reads from the stream: by its stages, and to find out what happened. */
  readonly reads: readonly FactPattern[];
  /** Facts that it hears at the moment they are published, besides. */
  readonly hears?: readonly FactPattern[];
  /** Names of its stages: the first tokens of their keys in the bucket of attempts. */
  readonly stages: readonly string[];
  /** Those of them that have one consumer for all batches, of that name. */
  readonly stagesOverAll?: readonly string[];
  /** Requests that it sends; it answers those that name it (`ServiceRequest.service`). */
  readonly sends: readonly ServiceRequest<DescMessage, DescMessage>[];
  /** Leases that it takes, by subject within the bucket. */
  readonly leases?: { readonly allow: readonly string[]; readonly deny?: readonly string[] };
  /** Buckets that no other service uses. */
  readonly keeps?: readonly string[];
  readonly hearsProgress?: boolean;
  /** Streams that it declares, changes and removes messages of. Only one service does. */
  readonly declares?: readonly string[];
  /** Takes jobs, and publishes their progress. */
  readonly takesJobs?: boolean;
}

const perKind = (kinds: readonly string[], event: "requested" | "ready" | "failed"): FactName[] =>
  kinds.map((kind) => `${kind}.${event}` as FactName);

/** Kinds of part that renderers make; speech services make voices. */
const rendered = requestedKinds.filter((kind) => kind !== "voice");

/** Encoders of hardware, each with a stage and a request of its own. */
const hardwareEncoders = ["nvenc", "vaapi", "videotoolbox"];

/** Every request that a service may send another. */
export const serviceRequests: readonly ServiceRequest<DescMessage, DescMessage>[] = [
  ...[voicesRequest, estimateRequest, destinationsRequest, folderRequest, probeRequest, linksRequest, posterRequest],
  ...hardwareEncoders.map(encoderRequest),
];

/** Who does what on NATS. The permissions of nats-server's users are derived from it, and compared with the source. */
export const serviceRights: Readonly<Record<ServiceName, ServiceRights>> = {
  gateway: {
    publishes: ["batch.submitted", "batch.resumed", "batch.cancelled", "batch.finished", "batch.deleting"],
    reads: ["*.*"],
    stages: ["gateway-purges"],
    stagesOverAll: ["gateway-purges"],
    sends: [
      ...[voicesRequest, estimateRequest, destinationsRequest, folderRequest, probeRequest, linksRequest],
      posterRequest,
    ],
    leases: { allow: ["clean-up"] },
    hearsProgress: true,
    declares: [
      ...[STREAM, JOBS_STREAM, REJECTED_STREAM],
      ...[LEASES_BUCKET, ATTEMPTS_BUCKET, QUOTAS_BUCKET].map(bucketStream),
    ],
    keeps: [QUOTAS_BUCKET],
    takesJobs: true,
  },
  planner: {
    publishes: [
      ...(["batch.planned", "batch.requeued", "batch.cancelled"] as const),
      ...perKind(requestedKinds, "requested"),
      ...(["combination.planned", "combination.failed"] as const),
      // In a resumed run, of items that it cannot have made again, or that are decided.
      ...perKind(rendered, "failed"),
      ...(["combination.rendered", "combination.rejected"] as const),
    ],
    reads: [
      ...(["batch.*", "voice.*"] as const),
      ...perKind(rendered, "requested"),
      ...(["combination.planned", "combination.rendered", "combination.failed", "combination.rejected"] as const),
    ],
    stages: ["planner", "planner-resumed"],
    sends: [voicesRequest, folderRequest],
  },
  tts: {
    publishes: ["voice.ready", "voice.failed"],
    reads: ["batch.*", "voice.requested"],
    stages: ["tts"],
    sends: [],
    leases: { allow: ["*.voice.*", "voices.*.*"] },
  },
  renderer: {
    publishes: [
      ...perKind(rendered, "ready"),
      ...perKind(rendered, "failed"),
      ...(["combination.rendered", "combination.failed"] as const),
      ...perKind(requestedKinds, "requested"), // Of lost parts.
    ],
    reads: [
      "batch.*",
      ...perKind(requestedKinds, "requested"),
      ...perKind(requestedKinds, "ready"),
      ...perKind(requestedKinds, "failed"),
      ...(["combination.planned", "combination.rendered", "combination.failed"] as const),
    ],
    hears: ["*.ready"],
    stages: [
      ...rendered.map((kind) => `renderer-${kind}`),
      ...hardwareEncoders.map((encoder) => `renderer-${encoder}`),
      "renderer-combination",
    ],
    sends: hardwareEncoders.map(encoderRequest),
    leases: { allow: ["*.*.*"], deny: ["*.voice.*", "voices.*.*"] },
  },
  uploader: {
    publishes: [
      ...(["combination.delivered", "combination.failed", "batch.deleted"] as const),
      ...(["combination.planned", "combination.rendered"] as const), // Of what was lost.
    ],
    reads: [
      "batch.*",
      ...(["combination.planned", "combination.rendered", "combination.delivered"] as const),
      ...(["combination.rejected", "combination.failed"] as const),
    ],
    stages: ["uploader", "uploader-manifest", "uploader-removals"],
    stagesOverAll: ["uploader-manifest", "uploader-removals"],
    sends: [],
  },
};
