// Smoke test: a few users post NDJSON batches and find one of their events again.
//
//   k6 run -e BASE_URL=http://localhost:5341 perf/k6/ingest-smoke.js
//
// BASE_URL  address of the server (http://localhost:5341)
// API_KEY   key with the scopes ingest and read, where the server has keys
// BATCH     events a request (100)
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';

const baseUrl = __ENV.BASE_URL || 'http://localhost:5341';
const batch = Number(__ENV.BATCH || '100');
const sent = new Counter('events_sent');
const visible = new Trend('event_visible_after', true);

export const options = {
  stages: [
    { duration: '2s', target: 4 },
    { duration: '6s', target: 4 },
    { duration: '1s', target: 0 },
  ],
  thresholds: {
    http_req_duration: ['p(95)<1000'],
    checks: ['rate>0.99'],
  },
};

function headers(contentType) {
  const all = { 'Content-Type': contentType };
  if (__ENV.API_KEY) all['X-Api-Key'] = __ENV.API_KEY;
  return all;
}

function hex(digits) {
  let text = '';
  while (text.length < digits) text += Math.floor(Math.random() * 16).toString(16);
  return text;
}

function events(traceId) {
  const lines = [];
  for (let i = 0; i < batch; i++) {
    lines.push(JSON.stringify({
      timestamp: new Date().toISOString(),
      level: i % 20 === 0 ? 'Warning' : 'Information',
      message: `Order ${Math.floor(Math.random() * 100000)} packed in ${Math.floor(Math.random() * 400)} ms`,
      source: 'k6-smoke',
      category: 'Shop.Orders.Packing',
      traceId: traceId,
      properties: { Line: i, Region: 'eu-west' },
    }));
  }
  return lines.join('\n') + '\n';
}

// The answer to an ingest call means journaled; a query sees the events as soon as they are delivered to the store.
function findAgain(traceId) {
  const started = Date.now();
  for (let attempt = 0; attempt < 50; attempt++) {
    const found = http.get(`${baseUrl}/api/v1.0/logs?traceId=${traceId}&limit=1000`, { headers: headers('application/json') });
    if (found.status !== 200) return found;
    if (found.json().events.length >= Math.min(batch, 1000)) {
      visible.add(Date.now() - started);
      return found;
    }
    sleep(0.1);
  }
  return null;
}

export default function () {
  const traceId = hex(32);
  const posted = http.post(`${baseUrl}/api/v1.0/logs`, events(traceId), { headers: headers('application/x-ndjson') });
  const accepted = check(posted, {
    'batch is accepted': (r) => r.status === 200,
    'every event is counted': (r) => r.status === 200 && r.json().accepted === batch,
    'there is a receipt': (r) => r.status === 200 && typeof r.json().receipt === 'string',
  });
  if (!accepted) {
    sleep(0.5);
    return;
  }

  sent.add(batch);
  const found = findAgain(traceId);
  check(found, {
    'the events are found again': (r) => r !== null && r.status === 200,
    'they are the ones sent': (r) => r !== null && r.status === 200 && r.json().events.every((e) => e.traceId === traceId && e.source === 'k6-smoke'),
  });
  sleep(0.1);
}
