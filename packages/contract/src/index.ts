export { batchComments } from "./comments.js";
export { deliveriesIn, deliveryMessageId, fullMask, maskOf, shortMask } from "./delivery-mask.js";
export { descriptors } from "./descriptors.js";
export * from "./facts.js";
export { failureCodeName, failureCodes, isWorthRetrying, warningCodeName } from "./failure-codes.js";
export * from "./gen/polyreel/v1/admin_service_pb.js";
export * from "./gen/polyreel/v1/batch_pb.js";
export * from "./gen/polyreel/v1/batch_service_pb.js";
export * from "./gen/polyreel/v1/events_pb.js";
export * from "./gen/polyreel/v1/failure_pb.js";
export * from "./gen/polyreel/v1/parts_pb.js";
export * from "./gen/polyreel/v1/source_service_pb.js";
export * from "./gen/polyreel/v1/voice_service_pb.js";
export * from "./output-facts.js";
export { OUTPUT_URL_ROOT, outputUrlPath } from "./output-url.js";
export { type Choice, choicePath, choicesOf, videoBlockNames } from "./spec/choices.js";
export { combinationCount } from "./spec/combination-count.js";
export { continueMistakes } from "./spec/continues.js";
export {
  type Delivery,
  deliveriesOf,
  deliveryFolders,
  type EarlierBatches,
  folderOf,
  homeFolder,
  isVirtual,
  MAX_DELIVERIES,
} from "./spec/deliveries.js";
export { keyMistakes } from "./spec/exact-key.js";
export { foldName } from "./spec/fold-name.js";
export { hasInputs, INPUT_BLOCK } from "./spec/inputs.js";
export { labelOf } from "./spec/labels.js";
export { failureOf, type Mistake, SpecError } from "./spec/mistake.js";
export { nearest, nearNames, Suggestions } from "./spec/nearest.js";
export { DEFAULT_TENANT, normalizeBatch } from "./spec/normalize.js";
export { isFormerSpelling, normalizeOutputs } from "./spec/normalize-outputs.js";
export {
  contentTypeOf,
  extensionOf,
  fileSuffixes,
  INPUT_OPERATIONS,
  type Needs,
  neededBy,
  type Operation,
  type OperationKind,
  operationOf,
} from "./spec/operations.js";
export { quote, quoteAll } from "./spec/quote.js";
export { cutName, distinctNames, safeName } from "./spec/safe-name.js";
export { RuleMeter } from "./spec/selection/rule-meter.js";
export { type Selected, type Selection, selectionMistakes, selectionOf } from "./spec/selection/selection.js";
export type { Waves } from "./spec/selection/waves.js";
