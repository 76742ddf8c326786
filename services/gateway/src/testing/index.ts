export { type PrivatePostgres, postgresPrograms, startPostgres } from "../read-model/testing/private-postgres.js";
export { type RunningGateway, runGateway } from "./running-gateway.js";
export { sampleBatch } from "./sample-batch.js";
