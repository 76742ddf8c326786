export { CostLog, readMeasured } from "./cost-log.js";
export { classOf, deliveryClass, JOIN, type MeasuredRecord, ofKind, PICTURE, type Sums, withPart } from "./record.js";
