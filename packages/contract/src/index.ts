export { ATTEMPTS_BUCKET, bucketStream, LEASES_BUCKET, QUOTAS_BUCKET } from "./buckets.js";
export { combinationStateName, combinationStates } from "./combination-states.js";
export { deliveriesIn, deliveryMessageId, fullMask, maskOf, shortMask } from "./delivery-mask.js";
export * from "./facts.js";
export { failureCodeName, failureCodes, isWorthRetrying, warningCodeName } from "./failure-codes.js";
export * from "./gen/polyreel/v1/access_service_pb.js";
export * from "./gen/polyreel/v1/admin_service_pb.js";
export * from "./gen/polyreel/v1/audit_service_pb.js";
export * from "./gen/polyreel/v1/batch_pb.js";
export * from "./gen/polyreel/v1/batch_service_pb.js";
export * from "./gen/polyreel/v1/batch_use_pb.js";
export * from "./gen/polyreel/v1/destination_service_pb.js";
export * from "./gen/polyreel/v1/events_pb.js";
export * from "./gen/polyreel/v1/failure_pb.js";
export * from "./gen/polyreel/v1/link_service_pb.js";
export * from "./gen/polyreel/v1/notification_service_pb.js";
export * from "./gen/polyreel/v1/parts_pb.js";
export * from "./gen/polyreel/v1/preset_service_pb.js";
export * from "./gen/polyreel/v1/secret_service_pb.js";
export * from "./gen/polyreel/v1/session_service_pb.js";
export * from "./gen/polyreel/v1/source_service_pb.js";
export * from "./gen/polyreel/v1/usage_service_pb.js";
export * from "./gen/polyreel/v1/user_service_pb.js";
export * from "./gen/polyreel/v1/voice_service_pb.js";
export { JOB_SUBJECTS, JOBS_STREAM, jobsRoot, REJECTED_STREAM, REJECTED_SUBJECT } from "./job-subjects.js";
export * from "./output-facts.js";
export { OUTPUT_URL_ROOT, outputUrlPath } from "./output-url.js";
export {
  isPartFact,
  kindOfFact,
  type PartFactName,
  perKind,
  type RecipeCase,
  type RequestedKind,
  requestedKinds,
} from "./part-facts.js";
export { isS3Source, s3SourceOf } from "./s3-source.js";
export {
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
export {
  type ServiceName,
  type ServiceRights,
  serviceNames,
  serviceRequests,
  serviceRights,
} from "./service-rights.js";
