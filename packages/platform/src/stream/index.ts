export { about } from "./about.js";
export { answerRequests } from "./answer-requests.js";
export type { Broker } from "./broker.js";
export {
  appendTo,
  declareClientStream,
  messagesBySubject,
  payloadAt,
  sendToClients,
} from "./client-stream.js";
export { closeConnection, connectNats, inboxPrefixOf, type NatsConnection } from "./connection.js";
export { DEDUPE_WINDOW_MS } from "./declare-bucket.js";
export { type FactMessage, readFact } from "./fact-message.js";
export { factsSoFar, followFacts, followMessages, type Unreadable } from "./follow.js";
export { type Generation, inGeneration, workedGeneration } from "./generation.js";
export { keepNatsServer, type ServerEvent } from "./keep-server.js";
export { factAt, lastFact, lastPosition, lastPositionOf } from "./last-fact.js";
export { type Lease, type Leases, openLeases } from "./lease.js";
export { listen } from "./listen.js";
export { createPublisher, type Publisher } from "./publisher.js";
export { openRecords, type Records } from "./records.js";
export { requestOnce } from "./request-once.js";
export { refusedRightIn, rightRefusedIn } from "./rights.js";
export { sendRequest } from "./send-request.js";
export { sequenceAt } from "./sequence-at.js";
export { type NatsServer, startNatsServer } from "./server.js";
export { serverOf } from "./server-of.js";
export { type EventStream, joinStream, openStream } from "./stream.js";
