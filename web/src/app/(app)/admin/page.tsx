import { toFirstSection } from "../../../admin/require-section.ts";

export default function Page() {
  return toFirstSection();
}
