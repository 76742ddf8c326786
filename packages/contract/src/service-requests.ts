import type { DescMessage } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { EstimateBatchRequestSchema, EstimateBatchResponseSchema } from "./gen/polyreel/v1/batch_service_pb.js";
import {
  ListDestinationsRequestSchema,
  ListDestinationsResponseSchema,
} from "./gen/polyreel/v1/destination_service_pb.js";
import {
  FolderAnswerSchema,
  FolderQuestionSchema,
  LinksAnswerSchema,
  LinksQuestionSchema,
  PosterAnswerSchema,
  PosterQuestionSchema,
  ProbeQuestionSchema,
} from "./gen/polyreel/v1/events_pb.js";
import { SourceProbeSchema } from "./gen/polyreel/v1/source_service_pb.js";
import { ListVoicesRequestSchema, ListVoicesResponseSchema } from "./gen/polyreel/v1/voice_service_pb.js";

/** A request that one service sends another by core NATS, and its reply: outside the stream, so neither is kept. */
export interface ServiceRequest<Request extends DescMessage, Reply extends DescMessage> {
  readonly subject: string;
  /** Name of the service that replies; of its instances, one does. */
  readonly service: string;
  /** That service as messages call it: "planner". */
  readonly replier: string;
  readonly request: Request;
  readonly reply: Reply;
}

const define = <Request extends DescMessage, Reply extends DescMessage>(request: ServiceRequest<Request, Reply>) =>
  request;

/** Gateways ask speech services which voices their engines offer. */
export const voicesRequest = define({
  subject: "polyreel-voices",
  service: "tts",
  replier: "speech service",
  request: ListVoicesRequestSchema,
  reply: ListVoicesResponseSchema,
});

/** Gateways ask planners what a normalised batch would take. */
export const estimateRequest = define({
  subject: "polyreel-estimate",
  service: "planner",
  replier: "planner",
  request: EstimateBatchRequestSchema,
  reply: EstimateBatchResponseSchema,
});

/** Gateways ask uploaders which destinations a tenant may name. */
export const destinationsRequest = define({
  subject: "polyreel-destinations",
  service: "uploader",
  replier: "uploader",
  request: ListDestinationsRequestSchema,
  reply: ListDestinationsResponseSchema,
});

/** Planners and gateways ask uploaders which files of a folder a batch may not write, or why it may write none. */
export const folderRequest = define({
  subject: "polyreel-folder",
  service: "uploader",
  replier: "uploader",
  request: FolderQuestionSchema,
  reply: FolderAnswerSchema,
});

/** Gateways ask planners for the properties of a source. */
export const probeRequest = define({
  subject: "polyreel-probe",
  service: "planner",
  replier: "planner",
  request: ProbeQuestionSchema,
  reply: SourceProbeSchema,
});

/** Gateways ask uploaders for links to delivered files at their destinations. */
export const linksRequest = define({
  subject: "polyreel-links",
  service: "uploader",
  replier: "uploader",
  request: LinksQuestionSchema,
  reply: LinksAnswerSchema,
});

/** Gateways ask renderers for a small picture of a clip or of an input. */
export const posterRequest = define({
  subject: "polyreel-poster",
  service: "renderer",
  replier: "renderer",
  request: PosterQuestionSchema,
  reply: PosterAnswerSchema,
});

/** Renderers ask whether one is alive that has an encoder of hardware: any reply is a yes. */
export const encoderRequest = (encoder: string) =>
  define({
    subject: `polyreel-encoder-${encoder}`,
    service: "renderer",
    replier: `renderer with ${encoder}`,
    request: EmptySchema,
    reply: EmptySchema,
  });
