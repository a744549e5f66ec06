import type { Metadata } from "next";
import { DevicePage } from "../../../device/device-page.tsx";
import { SignInFrame } from "../../../sign-in/sign-in-frame.tsx";

export const metadata: Metadata = { title: "Allow a device" };

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: Props) {
  const { code } = await searchParams;
  return (
    <SignInFrame>
      <DevicePage code={typeof code === "string" ? code.slice(0, 20) : ""} />
    </SignInFrame>
  );
}
