/* The limit: passes messages on with librabbitmq and does nothing else. Confirms; acks in batches of 50 once all before them are
 * confirmed; prefetch 200. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { PREFETCH = 200, BATCH = 50, WINDOW = 4096 };

static amqp_connection_state_t connection;
/* By publish number: the delivery tag that it answers, and whether it is confirmed. */
static uint64_t tag_of[WINDOW];
static char confirmed[WINDOW];
static uint64_t published = 0, contiguous = 0, acked = 0;

static void fail(const char *what) {
  fprintf(stderr, "bridge: %s\n", what);
  exit(1);
}

static void expect(amqp_rpc_reply_t reply, const char *what) {
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static void ack_up_to(uint64_t number) {
  if (amqp_basic_ack(connection, 1, tag_of[number % WINDOW], 1) != AMQP_STATUS_OK) fail("ack");
  acked = number;
}

static void on_confirm(uint64_t number, int multiple) {
  if (multiple)
    for (uint64_t n = contiguous + 1; n <= number; n++) confirmed[n % WINDOW] = 1;
  else
    confirmed[number % WINDOW] = 1;
  while (contiguous < published && confirmed[(contiguous + 1) % WINDOW]) contiguous++;
  if (contiguous - acked >= BATCH) ack_up_to(contiguous);
}

static void on_delivery(amqp_bytes_t to) {
  amqp_envelope_t envelope;
  amqp_maybe_release_buffers(connection);
  struct timeval idle = {0, 20 * 1000};
  amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &idle, 0);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
    published++;
    tag_of[published % WINDOW] = envelope.delivery_tag;
    confirmed[published % WINDOW] = 0;
    amqp_basic_properties_t properties = envelope.message.properties;
    properties._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = 2;
    if (amqp_basic_publish(connection, 1, amqp_empty_bytes, to, 1, 0, &properties, envelope.message.body) != AMQP_STATUS_OK)
      fail("publish");
    amqp_destroy_envelope(&envelope);
    return;
  }
  if (reply.reply_type != AMQP_RESPONSE_LIBRARY_EXCEPTION) fail("the connection was closed");
  if (reply.library_error == AMQP_STATUS_TIMEOUT) {
    if (contiguous > acked) ack_up_to(contiguous);
    return;
  }
  if (reply.library_error != AMQP_STATUS_UNEXPECTED_STATE) fail(amqp_error_string2(reply.library_error));
  amqp_frame_t frame;
  if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("frame");
  if (frame.frame_type != AMQP_FRAME_METHOD) return;
  if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
    amqp_basic_ack_t *confirm = frame.payload.method.decoded;
    on_confirm(confirm->delivery_tag, confirm->multiple);
  } else if (frame.payload.method.id == AMQP_BASIC_NACK_METHOD || frame.payload.method.id == AMQP_BASIC_RETURN_METHOD)
    fail("a publish was refused");
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  if (!value) fail(name);
  return value;
}

int main(void) {
  connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (!socket || amqp_socket_open(socket, setting("BENCH_HOST"), atoi(setting("BENCH_PORT")))) fail("cannot connect");
  expect(amqp_login(connection, setting("BENCH_VHOST"), 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, setting("BENCH_USER"),
                    setting("BENCH_PASSWORD")),
         "login");
  amqp_channel_open(connection, 1);
  expect(amqp_get_rpc_reply(connection), "channel");
  amqp_confirm_select(connection, 1);
  expect(amqp_get_rpc_reply(connection), "confirm.select");
  amqp_basic_qos(connection, 1, 0, PREFETCH, 0);
  expect(amqp_get_rpc_reply(connection), "qos");
  amqp_basic_consume(connection, 1, amqp_cstring_bytes(setting("BENCH_IN")), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  expect(amqp_get_rpc_reply(connection), "consume");
  for (amqp_bytes_t to = amqp_cstring_bytes(setting("BENCH_OUT"));;) on_delivery(to);
}
