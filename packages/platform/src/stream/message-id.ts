/** The header by which the server drops duplicates. */
export const MESSAGE_ID = "Nats-Msg-Id";
