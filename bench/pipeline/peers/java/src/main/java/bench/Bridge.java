package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The RabbitMQ Java client alone: Jackson into records, map by hand, confirms by callback, acks in batches of 50 once all before them
 * are confirmed. Prefetch 200.
 */
public final class Bridge {
  private static final int BATCH = 50;

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Item(String article, String ean, String text, int qty, int pack, double price) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Supplier(String code) {}

  record Source(String no, String date, Supplier supplier, List<Item> items) {}

  record Line(String sku, String gtin, String description, int quantity, String price) {}

  record Target(String orderNumber, String orderDate, String supplierCode, List<Line> lines) {}

  static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static Target map(Source source) {
    var lines = new ArrayList<Line>(source.items().size());
    for (var item : source.items()) {
      var text = item.text().toUpperCase();
      lines.add(new Line(item.article(), item.ean(), text, item.qty() * item.pack(), number(item.price())));
    }
    return new Target(source.no(), source.date(), source.supplier().code(), lines);
  }

  public static void main(String[] arguments) throws Exception {
    var json = new ObjectMapper();
    var reader = json.readerFor(Source.class);
    var writer = json.writerFor(Target.class);
    var factory = new ConnectionFactory();
    factory.setUri(System.getenv("BENCH_URI"));
    factory.setVirtualHost(System.getenv("BENCH_VHOST"));
    Channel channel = factory.newConnection().createChannel();
    var to = System.getenv("BENCH_OUT");
    // Publish number to delivery tag of what is not confirmed yet; what is before its first is confirmed.
    var unconfirmed = new ConcurrentSkipListMap<Long, Long>();
    long[] delivered = {0};
    long[] acked = {0};
    Object settling = new Object();
    ConfirmCallback confirmed =
        (number, multiple) -> {
          if (multiple) unconfirmed.headMap(number, true).clear();
          else unconfirmed.remove(number);
          synchronized (settling) {
            var first = unconfirmed.firstEntry();
            long contiguous = first == null ? delivered[0] : first.getValue() - 1;
            if (contiguous - acked[0] >= BATCH || (first == null && contiguous > acked[0])) {
              channel.basicAck(contiguous, true);
              acked[0] = contiguous;
            }
          }
        };
    channel.confirmSelect();
    channel.addConfirmListener(confirmed, (number, multiple) -> fail("a publish was refused"));
    channel.addReturnListener(returned -> fail("a publish was returned"));
    channel.basicQos(200);
    channel.basicConsume(
        System.getenv("BENCH_IN"),
        false,
        (consumer, delivery) -> {
          try {
            Source source = reader.readValue(delivery.getBody());
            byte[] body = writer.writeValueAsBytes(map(source));
            var properties = delivery.getProperties().builder().deliveryMode(2).build();
            long tag = delivery.getEnvelope().getDeliveryTag();
            synchronized (settling) {
              unconfirmed.put(channel.getNextPublishSeqNo(), tag);
              delivered[0] = tag;
            }
            channel.basicPublish("", to, true, properties, body);
          } catch (IOException error) {
            fail(error.toString());
          }
        },
        consumer -> fail("the consumer was cancelled"));
  }

  private static void fail(String why) {
    System.err.println(why);
    System.exit(1);
  }
}
