package bench;

import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads files with StAEDI into lists of segments of elements, envelopes checked by its own schema; CPU of the one thread, best round after warming up. */
public class Staedi {
  static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  static List<List<Object>> read(EDIInputFactory factory, byte[] bytes) throws Exception {
    List<List<Object>> segments = new ArrayList<>();
    List<Object> segment = null;
    List<Object> composite = null;
    try (EDIStreamReader reader = factory.createEDIStreamReader(new ByteArrayInputStream(bytes))) {
      while (reader.hasNext()) {
        EDIStreamEvent event = reader.next();
        switch (event) {
          case START_SEGMENT -> {
            segment = new ArrayList<>();
            segment.add(reader.getText());
            segments.add(segment);
          }
          case START_COMPOSITE -> {
            composite = new ArrayList<>();
            segment.add(composite);
          }
          case END_COMPOSITE -> composite = null;
          case ELEMENT_DATA -> (composite == null ? segment : composite).add(reader.getText());
          default -> { }
        }
      }
    }
    return segments;
  }

  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    EDIInputFactory factory = EDIInputFactory.newFactory();
    for (int f = 1; f < args.length; f++) {
      byte[] bytes = Files.readAllBytes(Path.of(args[f]));
      int times = (int) Math.max(1, Math.round(4e6 / bytes.length));
      double best = Double.MAX_VALUE;
      int segments = 0;
      // The first rounds warm up the compiler.
      for (int round = 0; round < rounds + 5; round++) {
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) segments = read(factory, bytes).size();
        double micros = (threads.getCurrentThreadCpuTime() - start) / 1e3 / times;
        if (round >= 5) best = Math.min(best, micros);
      }
      System.out.println(args[f] + "\t" + best + "\t" + segments);
    }
  }
}
