package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.springrabbit.DefaultListenerContainerFactory;
import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.apache.camel.main.Main;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;

/**
 * Apache Camel with spring-rabbitmq: a bean with Jackson maps by hand, the producer awaits its confirm, the container acks
 * five at a time. A route awaits one document's confirm at a time, so that many consumers run side by side; 50 × 20 was the best.
 */
public final class Bridge {
  private static final int CONSUMERS = 50;
  private static final int PREFETCH = 20;
  private static final int ACK_BATCH = 5;

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Item(String article, String ean, String text, int qty, int pack, double price) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Supplier(String code) {}

  record Source(String no, String date, Supplier supplier, List<Item> items) {}

  record Line(String sku, String gtin, String description, int quantity, String price) {}

  record Target(String orderNumber, String orderDate, String supplierCode, List<Line> lines) {}

  static final class Containers extends DefaultListenerContainerFactory {
    @Override
    public AbstractMessageListenerContainer createListenerContainer(SpringRabbitMQEndpoint endpoint) {
      var container = super.createListenerContainer(endpoint);
      ((DirectMessageListenerContainer) container).setMessagesPerAck(ACK_BATCH);
      return container;
    }
  }

  public static final class Mapper {
    private final ObjectReader reader = new ObjectMapper().readerFor(Source.class);
    private final ObjectWriter writer = new ObjectMapper().writerFor(Target.class);

    public byte[] map(byte[] body) throws IOException {
      Source source = reader.readValue(body);
      var lines = new ArrayList<Line>(source.items().size());
      for (var item : source.items()) {
        var text = item.text().toUpperCase();
        lines.add(new Line(item.article(), item.ean(), text, item.qty() * item.pack(), number(item.price())));
      }
      return writer.writeValueAsBytes(new Target(source.no(), source.date(), source.supplier().code(), lines));
    }

    private static String number(double value) {
      return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var connections = new CachingConnectionFactory();
    connections.setUri(System.getenv("BENCH_URI"));
    connections.setVirtualHost(System.getenv("BENCH_VHOST"));
    connections.setPublisherConfirmType(CachingConnectionFactory.ConfirmType.SIMPLE);
    connections.setChannelCacheSize(2 * CONSUMERS);
    // Else all consumers share a handful of threads, most of them waiting for a confirm.
    connections.setExecutor(Executors.newFixedThreadPool(CONSUMERS));

    var from =
        "spring-rabbitmq:default?connectionFactory=#connections&autoDeclare=false&queues=%s&concurrentConsumers=%d&prefetchCount=%d"
            .formatted(System.getenv("BENCH_IN"), CONSUMERS, PREFETCH);
    var to =
        "spring-rabbitmq:default?connectionFactory=#connections&autoDeclare=false&confirm=enabled&routingKey=%s"
            .formatted(System.getenv("BENCH_OUT"));
    var main = new Main();
    main.bind("connections", connections);
    var component = new SpringRabbitMQComponent();
    component.setListenerContainerFactory(new Containers());
    main.bind("spring-rabbitmq", component);
    main.bind("mapper", new Mapper());
    main.configure()
        .addRoutesBuilder(
            new RouteBuilder() {
              @Override
              public void configure() {
                from(from).bean("mapper", "map").to(to);
              }
            });
    main.run();
  }
}
