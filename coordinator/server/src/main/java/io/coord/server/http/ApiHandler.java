package io.coord.server.http;

import io.coord.runner.Durations;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Caller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each request that has arrived a thread of its own, as some wait for hours and the server
 * has few threads, and turns what goes wrong into a response. Of threads, and of memory for bodies,
 * each user has a share, and a part is for operators only.
 */
final class ApiHandler extends Handler.Abstract implements AutoCloseable {
  static final String INTERNAL_ERROR =
      "internal error in the daemon; its log has the details, and 'coord status' says whether it"
          + " works";

  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

  /** Requests in progress, those that wait and follow included; more are refused. */
  private static final int CONCURRENT_REQUESTS = 128;

  private static final int CONCURRENT_REQUESTS_FOR_USERS = 104;
  private static final int CONCURRENT_REQUESTS_PER_USER = 40;

  private static final long BODY_BYTES_PER_USER = 2L * Exchange.MAX_BODY_BYTES;
  private static final long BODY_BYTES_FOR_USERS = 4L * Exchange.MAX_BODY_BYTES;
  private static final long BODY_BYTES = 5L * Exchange.MAX_BODY_BYTES;

  /** A larger body waits for its turn once it has arrived. */
  private static final int LARGE_BODY_BYTES = 64 * 1024;

  private static final Duration TURN_COMES_WITHIN = Duration.ofSeconds(20);

  /** Within which a body must have arrived, however slowly its bytes come. */
  record BodyDeadline(Scheduler scheduler, Duration limit) {
    Scheduler.Task start(Request request) {
      return scheduler.schedule(
          () -> request.fail(new TimeoutException("the body did not arrive in time")),
          limit.toMillis(),
          TimeUnit.MILLISECONDS);
    }
  }

  private final LargeRequests largeRequests = new LargeRequests(TURN_COMES_WITHIN);
  private final UserShares threads =
      new UserShares(
          CONCURRENT_REQUESTS_PER_USER, CONCURRENT_REQUESTS_FOR_USERS, CONCURRENT_REQUESTS);
  private final UserShares bodies =
      new UserShares(BODY_BYTES_PER_USER, BODY_BYTES_FOR_USERS, BODY_BYTES);
  private final ApiRoutes routes;
  private final ConnectionGuard connections;
  private final BodyDeadline bodyDeadline;
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

  ApiHandler(ApiRoutes routes, ConnectionGuard connections, BodyDeadline bodyDeadline) {
    this.routes = routes;
    this.connections = connections;
    this.bodyDeadline = bodyDeadline;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Optional<Caller> found = connections.arrived(request);
    if (found.isEmpty()) {
      callback.failed(new IOException("the connection was closed"));
      return true;
    }
    Caller caller = found.get();
    Exchange exchange = new Exchange(request, response, callback, caller, "");
    long expected = expectedBodyBytes(request);
    if (expected > Exchange.MAX_BODY_BYTES) {
      refuse(exchange, HttpStatus.PAYLOAD_TOO_LARGE_413, Exchange.tooLarge());
    } else if (expected == 0) {
      execute(exchange);
    } else if (bodies.take(caller.user(), caller.operator(), expected)) {
      receive(exchange, expected);
    } else {
      refuseForNow(exchange, "too many large requests in progress; try again");
    }
    return true;
  }

  /** Takes the body without a thread, and gives back its share once the request was answered. */
  private void receive(Exchange exchange, long reserved) {
    Caller caller = exchange.caller();
    Request request = exchange.request();
    Exchange whole =
        exchange.with(
            Callback.from(
                exchange.callback(),
                () -> bodies.giveBack(caller.user(), caller.operator(), reserved)));
    Scheduler.Task deadline = bodyDeadline.start(request);
    Content.Source.asByteArrayAsync(
        request,
        Exchange.MAX_BODY_BYTES,
        Promise.Invocable.from(
            Invocable.InvocationType.NON_BLOCKING,
            (body, problem) -> {
              deadline.cancel();
              if (problem == null) {
                execute(whole.with(new String(body, StandardCharsets.UTF_8)));
              } else {
                notReceived(whole, problem);
              }
            }));
  }

  private void notReceived(Exchange exchange, Throwable problem) {
    if (problem instanceof TimeoutException) {
      refuse(
          exchange,
          HttpStatus.REQUEST_TIMEOUT_408,
          new Refusal(
              Refusal.Code.INVALID_REQUEST,
              "the request did not arrive within " + Durations.format(bodyDeadline.limit())));
    } else if (problem instanceof IllegalStateException) {
      refuse(exchange, HttpStatus.PAYLOAD_TOO_LARGE_413, Exchange.tooLarge());
    } else {
      LOG.debug("the caller has disconnected", problem);
      exchange.callback().failed(problem);
    }
  }

  private void execute(Exchange exchange) {
    Caller caller = exchange.caller();
    if (!threads.take(caller.user(), caller.operator(), 1)) {
      refuseForNow(
          exchange,
          "too many requests in progress, of which 'wait' and 'logs -f' count, too; try again");
      return;
    }
    try {
      workers.execute(
          () -> {
            try {
              answer(exchange);
            } finally {
              threads.giveBack(caller.user(), caller.operator(), 1);
            }
          });
    } catch (RejectedExecutionException e) {
      threads.giveBack(caller.user(), caller.operator(), 1);
      refuseForNow(exchange, "the daemon is stopping, or has no thread left; try again");
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }

  private void answer(Exchange exchange) {
    try {
      if (exchange.body().length() > LARGE_BODY_BYTES) {
        answerInTurn(exchange);
      } else {
        routes.answer(exchange, exchange.caller());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.callback().failed(e);
    } catch (HttpRefusal e) {
      refuse(exchange, e.status(), e.refusal());
    } catch (UncheckedIOException | IOException e) {
      LOG.debug("the caller has disconnected", e);
      exchange.callback().failed(e);
    } catch (RuntimeException e) {
      Request request = exchange.request();
      LOG.error("request {} {} failed", request.getMethod(), exchange.path(), e);
      if (exchange.response().isCommitted()) {
        exchange.callback().failed(e);
      } else {
        refuse(
            exchange,
            HttpStatus.INTERNAL_SERVER_ERROR_500,
            new Refusal(Refusal.Code.INTERNAL, INTERNAL_ERROR));
      }
    }
  }

  /** The turn ends when the answer begins: from then on it may last for days. */
  private void answerInTurn(Exchange exchange) throws IOException, InterruptedException {
    Optional<LargeRequests.Turn> turn = largeRequests.await(exchange.caller().user());
    if (turn.isEmpty()) {
      refuseForNow(exchange, "too many large requests in progress; try again");
      return;
    }
    Response endsTurn =
        new Response.Wrapper(exchange.request(), exchange.response()) {
          @Override
          public void write(boolean last, ByteBuffer content, Callback callback) {
            turn.get().end();
            super.write(last, content, callback);
          }
        };
    try {
      routes.answer(exchange.with(endsTurn), exchange.caller());
    } finally {
      turn.get().end();
    }
  }

  private static void refuseForNow(Exchange exchange, String why) {
    refuse(
        exchange,
        HttpStatus.SERVICE_UNAVAILABLE_503,
        new Refusal(Refusal.Code.TOO_MANY_REQUESTS, why));
  }

  private static void refuse(Exchange exchange, int status, Refusal refusal) {
    if (exchange.path().equals(ApiRoutes.COMMAND_LINE)) {
      exchange.refuseAsText(status, refusal);
    } else {
      exchange.refuse(status, refusal);
    }
  }

  /** How many bytes the body may have; 0 if there is none. */
  private static long expectedBodyBytes(Request request) {
    if (request.getLength() >= 0) {
      return request.getLength();
    }
    boolean chunked = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    return chunked ? Exchange.MAX_BODY_BYTES : 0;
  }
}
