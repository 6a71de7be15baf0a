import { connection } from 'next/server';
import { Chat } from '@/components/chat';
import { isDemo } from '@/lib/providers';

export default async function Page() {
  // Which keys there are is known when the page is asked for, not when the app is built.
  await connection();
  return <Chat isDemo={isDemo} />;
}
