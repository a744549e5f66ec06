import type { Metadata } from "next";
import { requireReviewer } from "../../../audit/require-reviewer.ts";
import { ReviewPage } from "../../../audit/review-page.tsx";

export const metadata: Metadata = { title: "Audit record" };

export default async function Page() {
  await requireReviewer();
  return (
    <ReviewPage
      title="Audit record"
      about="Who did what, when, from where, and whether Claude or a person did it"
      back={{ href: "/", label: "Back to the sessions" }}
    />
  );
}
