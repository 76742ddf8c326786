export * from "./gen/polyreel/v1/batch_pb.js";
export * from "./gen/polyreel/v1/batch_service_pb.js";
export * from "./gen/polyreel/v1/events_pb.js";
export * from "./gen/polyreel/v1/failure_pb.js";
export * from "./gen/polyreel/v1/parts_pb.js";
export * from "./gen/polyreel/v1/source_service_pb.js";
export * from "./gen/polyreel/v1/voice_service_pb.js";
export * from "./facts.js";
export { descriptors } from "./descriptors.js";
