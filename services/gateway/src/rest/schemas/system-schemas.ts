import { answers, json, maybeNumber, object, time } from "./common.js";

const tags = ["system"];
const state = { type: "string", enum: ["ok", "unavailable"] } as const;
const health = object({
  status: { type: "string", enum: ["healthy", "unhealthy"] },
  timestamp: time,
  services: object({ database: state, stream: state, storage: state }),
});

export const getHealth = {
  tags,
  operationId: "getHealth",
  summary: "Whether everything that the gateway needs is available",
  security: [],
  response: {
    200: json("Everything is.", health),
    503: json("Something is not.", health),
    "4xx": answers({})["4xx"],
  },
};

const count = { type: "integer" } as const;

export const getStats = {
  tags,
  operationId: "getStats",
  summary: "Counts of videos",
  response: answers({
    200: json(
      "Now, and of today in UTC.",
      object({
        ...{ totalVideos: count, processingVideos: count, completedToday: count, failedToday: count },
        averageProcessingTime: { ...maybeNumber, description: "In seconds; null until a video is completed." },
        queueLength: { ...count, description: "Videos and jobs that have not ended." },
      }),
    ),
  }),
};
