package io.coord.server.http;

import io.coord.scheduler.core.decision.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each request a thread of its own, as some wait for hours and the server has few threads,
 * and turns what goes wrong into a response.
 */
final class ApiHandler extends Handler.Abstract implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

  /** Requests in progress, those that wait and follow included; more are refused. */
  private static final int CONCURRENT_REQUESTS = 128;

  /**
   * A larger body waits for its turn: read, parsed and written again it takes ten times its size,
   * and many of them at once would fill the heap.
   */
  private static final int LARGE_BODY_BYTES = 64 * 1024;

  private final Semaphore largeBodies = new Semaphore(1);
  private final ApiRoutes routes;
  private final Callers callers;
  private final ExecutorService workers =
      new ThreadPoolExecutor(
          0,
          CONCURRENT_REQUESTS,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> {
            Thread thread = new Thread(work, "request");
            thread.setDaemon(true);
            return thread;
          });

  ApiHandler(ApiRoutes routes, Callers callers) {
    this.routes = routes;
    this.callers = callers;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Exchange exchange = new Exchange(request, response, callback);
    try {
      workers.execute(() -> answer(exchange));
    } catch (RejectedExecutionException e) {
      exchange.refuse(
          new Refusal(
              Refusal.Code.TOO_MANY_REQUESTS,
              "too many requests: " + CONCURRENT_REQUESTS + " in progress; try again"));
    }
    return true;
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }

  private void answer(Exchange exchange) {
    Request request = exchange.request();
    boolean large = request.getLength() > LARGE_BODY_BYTES || isOfUnknownLength(request);
    try {
      if (large) {
        largeBodies.acquire();
      }
      try {
        routes.answer(exchange, exchange.caller(callers));
      } finally {
        if (large) {
          largeBodies.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.callback().failed(e);
    } catch (HttpRefusal e) {
      if (exchange.path().equals(ApiRoutes.COMMAND_LINE)) {
        exchange.refuseAsText(e.status(), e.refusal());
      } else {
        exchange.refuse(e.status(), e.refusal());
      }
    } catch (UncheckedIOException | IOException e) {
      LOG.debug("the caller has disconnected", e);
      exchange.callback().failed(e);
    } catch (RuntimeException e) {
      LOG.error("request {} {} failed", request.getMethod(), request.getHttpURI(), e);
      if (exchange.response().isCommitted()) {
        exchange.callback().failed(e);
      } else {
        exchange.refuse(new Refusal(Refusal.Code.INTERNAL, "internal error: " + e));
      }
    }
  }

  private static boolean isOfUnknownLength(Request request) {
    return request.getLength() < 0
        && request.getMethod().equals("POST")
        && request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
  }
}
