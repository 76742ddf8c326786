export { classOf } from "../kinds/recipes.js";
export { CostLog, readMeasured } from "./cost-log.js";
export {
  deliveryClass,
  JOIN,
  kindOfClass,
  type MeasuredRecord,
  ofKind,
  PICTURE,
  type Sums,
  withPart,
} from "./record.js";
