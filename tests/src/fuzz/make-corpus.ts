import { create, type Message } from "@bufbuild/protobuf";
import {
  AdminService,
  ApproveCombinationsRequestSchema,
  type Batch,
  BatchSchema,
  BatchService,
  BatchState,
  CancelBatchRequestSchema,
  CleanUpRequestSchema,
  CombinationState,
  CreateLinkRequestSchema,
  DeleteBatchRequestSchema,
  DeliverCombinationsRequestSchema,
  DestinationService,
  EstimateBatchRequestSchema,
  GetBatchRequestSchema,
  GetCombinationRequestSchema,
  LinkService,
  ListBatchesRequestSchema,
  ListCombinationsRequestSchema,
  ListDestinationsRequestSchema,
  PutSourceRequestSchema,
  ReadOutputRequestSchema,
  RejectCombinationsRequestSchema,
  ReplayBatchRequestSchema,
  RetryBatchRequestSchema,
  ReworkFrom,
  SourceService,
  SubmitBatchRequestSchema,
  VoiceService,
  WatchBatchRequestSchema,
} from "@polyreel/contract";
import { Health, HealthCheckRequestSchema } from "@polyreel/contract/grpc/health/v1/health_pb.js";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
} from "@polyreel/contract/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as V1Alpha } from "@polyreel/contract/grpc/reflection/v1alpha/reflection_pb.js";
import { make, plain } from "../gallery/make.js";
import { endOf, submit } from "../testing/batches.js";
import { audio, bed, footage, still, text, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { Corpus } from "./draw-call.js";

/** Batches with known ids: determined by the request id, so that another run draws the same calls. */
const KNOWN = ["fuzz-1", "fuzz-2"] as const;

/** Makes media and two batches, and valid requests about them. */
export async function makeCorpus(pipeline: Pipeline): Promise<Corpus> {
  const { folder } = pipeline;
  const film = await put(pipeline, await makeFootage(folder, "a.mp4", { seconds: 0.4, size: "64x64" }));
  const picture = await make(pipeline, "s.png", { picture: plain("orange", 1, "64x64") });
  const chord = await put(pipeline, await makeBed(folder, "m.wav", 0.5));
  const batches = validBatches(film, picture, chord);
  const known: string[] = [film, picture, chord];
  for (const [i, requestId] of KNOWN.entries()) {
    const batchId = await submit(pipeline, batches[i] as Batch, requestId);
    const { combinations } = await endOf(pipeline, batchId, { withinSeconds: 120 });
    const page = await pipeline.batches.listCombinations({ batchId, pageSize: 1 });
    known.push(batchId, ...combinations.map(({ id }) => id), page.nextPageToken);
  }
  known.push((await pipeline.batches.listBatches({ pageSize: 1 })).nextPageToken);
  return {
    services: [
      ...[BatchService, AdminService, SourceService, VoiceService, DestinationService, LinkService],
      ...[Health, ServerReflection, V1Alpha],
    ],
    valid: byType([...batches.flatMap(requestsWith), ...requestsAbout(known), ...otherRequests(film)]),
    known: known.filter((one) => one !== ""),
  };
}

function validBatches(film: string, picture: string, chord: string): Batch[] {
  const canvas = { width: 64, height: 64 };
  const hook = video("hook", { choices: [footage("a", film, { metadata: { tone: "warm" } }), still("b", picture)] });
  const music = audio("music", { choices: [bed("chord", chord), bed("silence")] });
  return [
    create(BatchSchema, { canvas, blocks: [hook, music] }),
    create(BatchSchema, {
      name: "Larger",
      canvases: [
        { ...canvas, label: "square" },
        { ...canvas, width: 80, label: "wide" },
      ],
      blocks: [
        hook,
        text("headline", { over: ["hook"], choices: [{ label: "now", text: "Now" }, { label: "none" }] }),
        voice("line", { at: "hook", overrun: 2, choices: [{ label: "hi", text: "Hi", voice: "rms" }] }),
      ],
      where: ["headline == 'now' || meta.hook.tone == 'warm'"],
      naming: "{hook}-{id}",
      sample: { count: 3n, seed: 1n },
      outputs: [{ poster: durationOf(0) }],
    }),
    create(BatchSchema, { canvas, blocks: [hook], outputs: [{ virtual: true }], continues: "" }),
    create(BatchSchema, {
      ...{ name: "Outputs", canvas, blocks: [hook, music] },
      outputs: [
        { name: "video", operation: { case: "mp4", value: {} }, to: [inFolder("final"), inFolder("final/copies")] },
        { name: "poster", operation: { case: "thumbnail", value: { at: durationOf(0.2), width: 32 } } },
        {
          operation: { case: "contactSheet", value: { columns: 2, rows: 1, width: 16 } },
          to: [inFolder("a"), virtualIn("b")],
        },
        { name: "elsewhere", to: ELSEWHERE },
      ],
    }),
  ];
}

const inFolder = (path: string) => ({
  kind: { case: "folder" as const, value: { path, overwrite: true, prune: true } },
});
const ELSEWHERE = [
  { kind: { case: "folder" as const, value: { destination: "archive", path: "a", overwrite: true } } },
  { kind: { case: "drive" as const, value: { destination: "team", path: "a", prune: true } } },
  {
    kind: {
      case: "s3" as const,
      value: {
        ...{
          destination: "ads",
          bucket: "ads-eu",
          prefix: "a",
          contentType: "video/mp4",
          contentDisposition: "inline",
        },
        ...{ cacheControl: "no-store", storageClass: "STANDARD", metadata: { a: "b" }, public: true },
      },
    },
  },
];
const virtualIn = (path: string) => ({ kind: { case: "virtual" as const, value: { folder: { path } } } });

const requestsWith = (batch: Batch): Message[] => [
  create(SubmitBatchRequestSchema, { batch }),
  create(EstimateBatchRequestSchema, { batch, base: batch }),
];

function requestsAbout(known: readonly string[]): Message[] {
  const ids = known.filter((id) => /^b[a-z2-7]{20}$/.test(id));
  const combination = known[known.indexOf(ids[0] ?? "") + 1] ?? "";
  const which = { combinationIds: [combination], choices: [{ block: "hook", choice: "a" }] };
  const destination = { kind: { case: "folder" as const, value: { path: "again" } } };
  return ids.flatMap((batchId): Message[] => [
    create(GetBatchRequestSchema, { batchId }),
    create(ListCombinationsRequestSchema, {
      ...{ batchId, pageSize: 2, state: CombinationState.DELIVERED, orderBy: "duration:desc" },
      ...{ choices: which.choices, links: true, linkLifetime: durationOf(60) },
    }),
    create(GetCombinationRequestSchema, { batchId, combinationId: combination }),
    create(WatchBatchRequestSchema, { batchId, afterSequence: 3n }),
    create(ReadOutputRequestSchema, { batchId, combinationId: combination }),
    create(ReadOutputRequestSchema, { batchId, combinationId: combination, output: "poster" }),
    create(CreateLinkRequestSchema, {
      target: { case: "output", value: { batchId, combinationId: combination } },
      lifetime: durationOf(60),
    }),
    create(CreateLinkRequestSchema, {
      target: { case: "outputs", value: { batchId, choices: which.choices, outputs: ["video"] } },
    }),
    create(CancelBatchRequestSchema, { batchId }),
    create(RetryBatchRequestSchema, { batchId, requestId: "again", which }),
    create(ReplayBatchRequestSchema, { batchId, which, from: ReworkFrom.PLANNED, destination }),
    create(DeliverCombinationsRequestSchema, { batchId, which, destination }),
    create(ApproveCombinationsRequestSchema, { batchId, which }),
    create(RejectCombinationsRequestSchema, { batchId, which, reason: "wrong logo" }),
    create(DeleteBatchRequestSchema, { batchId }),
  ]);
}

const otherRequests = (sha256: string): Message[] => [
  create(ListDestinationsRequestSchema, { tenant: "default" }),
  create(ListBatchesRequestSchema, { pageSize: 3, states: [BatchState.FINISHED], orderBy: "name,submitted_at:desc" }),
  create(CleanUpRequestSchema, {
    olderThan: durationOf(3600),
    maxBytes: 1n << 40n,
    dryRun: true,
    whose: { case: "allTenants", value: true },
  }),
  create(PutSourceRequestSchema, { part: { case: "description", value: { sha256, sizeBytes: 1000n } } }),
  create(CreateLinkRequestSchema, { target: { case: "source", value: { tenant: "default", sha256 } } }),
  create(CreateLinkRequestSchema, { target: { case: "upload", value: { name: "a.mp4" } } }),
  create(PutSourceRequestSchema, { part: { case: "chunk", value: Buffer.alloc(1000, 7) } }),
  create(HealthCheckRequestSchema, { service: "polyreel.v1.BatchService" }),
  create(ServerReflectionRequestSchema, {
    messageRequest: { case: "fileContainingSymbol", value: "polyreel.v1.Batch" },
  }),
];

function byType(messages: readonly Message[]): Corpus["valid"] {
  const found = new Map<string, Message[]>();
  for (const one of messages) found.set(one.$typeName, [...(found.get(one.$typeName) ?? []), one]);
  return found;
}
