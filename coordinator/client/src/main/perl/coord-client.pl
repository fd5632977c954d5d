#!/usr/bin/perl
# The program behind "coord COMMAND", for all commands that need the daemon: sends it the command line and
# prints what comes back. io.coord.client.Client does the same where there is no Perl; ClientTest runs
# both. No module is needed, except to receive a file. All text is bytes.
#
# COORD_RUNTIME_DIR    directory of the daemon's socket
# COORD_USER=1         the daemon of the caller's own session, as --user
# COORD_COLUMNS        width of the terminal, instead of what the terminal says; empty for none
# COORD_LAUNCHER       path of bin/coord, which answers what needs no daemon if none can be reached
use strict;
use warnings;

# Numbers of Linux on x86 and ARM. The modules that know them take longer to load than all the rest.
my ($AF_UNIX, $SOCK_STREAM) = (1, 1);
my ($ENOENT, $EINTR, $EACCES, $EEXIST, $ENOTDIR, $EPIPE, $ECONNREFUSED) = (2, 4, 13, 17, 20, 32, 111);
my ($O_RDONLY, $O_WRONLY, $O_CREAT, $O_EXCL, $O_NONBLOCK) = (0, 1, 0100, 0200, 04000);
my $TIOCGWINSZ = 0x5413;

# Exit codes, as in sysexits.h; 141 is 128 + SIGPIPE.
my ($USER, $UNREACHABLE, $INTERNAL, $OUTPUT, $NOT_NOW, $CLOSED_PIPE) = (2, 69, 70, 74, 75, 141);

# The kernel's sockaddr_un has 108 bytes, the last of them 0.
my $MAX_PATH_BYTES = 107;

# A larger file is a mistake and no config; the daemon refuses a larger request, too.
my $MAX_FILE_BYTES = 1 << 20;

# A response's head is some hundred bytes; a longer one is not from this daemon.
my $MAX_HEAD_BYTES = 64 << 10;

# What the coordinator leaves beside its socket when somebody has stopped it; the sentence is shorter.
my $MAX_STOPPED_BYTES = 512;

# A list of names, or a command line.
my $MAX_TEXT_BYTES = 1 << 20;

# How long the daemon may be away while a command waits. An upgrade of a small board takes a minute.
my $PATIENCE_SECONDS = 300;

my ($buffer, $at, $connection, $socket) = ('', 0, undef, undef);
my ($partial, $partial_handle);

# --- Text ----------------------------------------------------------------------------------------

sub is_utf8 {
  my ($text) = @_;
  pos($text) = 0;
  while (pos($text) < length $text) {
    $text =~ /\G[\x00-\x7f]+/gc
      or $text =~ /\G(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}
        |\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}
        |\xf4[\x80-\x8f][\x80-\xbf]{2})/gcx
      or return 0;
  }
  return 1;
}

# In single quotes and on one line, for messages.
sub quoted {
  my ($text) = @_;
  $text =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;
  $text =~ s/\xc2([\x80-\x9f])/sprintf '\\u%04x', ord $1/ge;
  return "'$text'";
}

sub json_string {
  my ($text) = @_;
  $text =~ s/(["\\])/\\$1/g;
  $text =~ s/\n/\\n/g;
  $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
  return "\"$text\"";
}

sub json_object {
  my ($entries) = @_;
  return '{' . join(',', map { json_string($_) . ':' . json_string($entries->{$_}) } sort keys %$entries) . '}';
}

# --- Output --------------------------------------------------------------------------------------

# Ends the client; a message goes to standard error.
sub leave {
  my ($code, $message) = @_;
  drop_file();
  write_err("$message\n") if defined $message;
  exit $code;
}

sub write_all {
  my ($handle, $bytes) = @_;
  my $from = 0;
  while ($from < length $bytes) {
    my $count = syswrite $handle, $bytes, length($bytes) - $from, $from;
    if (defined $count) {
      $from += $count;
    } elsif ($! != $EINTR) {
      return 0;
    }
  }
  return 1;
}

sub write_out {
  my ($bytes) = @_;
  write_all(\*STDOUT, $bytes) and return;
  # The reader of the pipe has ended, as in "coord list | head -1".
  my $why = "$!";
  leave($CLOSED_PIPE) if $! == $EPIPE;
  leave($OUTPUT, "coord: cannot write to standard output: $why");
}

sub write_err {
  my ($bytes) = @_;
  # There is no other place to report a failure.
  write_all(\*STDERR, $bytes);
}

# --- The connection ------------------------------------------------------------------------------

sub socket_of {
  my ($own) = @_;
  my $folder = $ENV{COORD_RUNTIME_DIR} // '';
  return ("$folder/coord.sock", $own ? 'coord --user daemon' : 'coord daemon') if $folder ne '';
  return ('/run/coord/coord.sock', 'systemctl start brain-experiment-coordinator') unless $own;
  my $runtime = $ENV{XDG_RUNTIME_DIR} // '';
  leave($USER,
    'coord: cannot find the daemon of this user: XDG_RUNTIME_DIR is not set; set it, or set COORD_RUNTIME_DIR'
      . " to the runtime directory of 'coord --user daemon'")
    if $runtime eq '';
  return ("$runtime/coord/coord.sock", 'coord --user daemon');
}

# Undefined, with $!, if nobody answers there.
sub connect_to {
  my ($path) = @_;
  socket my $handle, $AF_UNIX, $SOCK_STREAM, 0 or return undef;
  connect $handle, pack('S a*x', $AF_UNIX, $path) or return undef;
  return $handle;
}

# Names the owners of the socket, or of the first directory above it that denies access.
sub denied {
  my ($path) = @_;
  for (my $place = $path; $place ne ''; $place =~ s{/*[^/]*\z}{}) {
    my ($mode, $uid, $gid) = (lstat $place)[2, 4, 5];
    next unless defined $mode;
    my $rights = '';
    for my $shift (6, 3, 0) {
      my $bits = $mode >> $shift & 7;
      $rights .= ($bits & 4 ? 'r' : '-') . ($bits & 2 ? 'w' : '-') . ($bits & 1 ? 'x' : '-');
    }
    my $what = $place eq $path ? 'the socket' : quoted($place);
    my $user = getpwuid($uid) // $uid;
    my $group = getgrgid($gid) // $gid;
    return "permission denied; $what belongs to user '$user' and group '$group' ($rights)";
  }
  return 'permission denied';
}

sub why_not_connected {
  my ($path, $start, $error) = @_;
  my $stopped = stopped();
  my $not_running = defined $stopped ? "the daemon was $stopped" : "the daemon is not running; start it with '$start'";
  if (!lstat $path) {
    return $! == $ENOENT || $! == $ENOTDIR ? $not_running : $! == $EACCES ? denied($path) : "$!";
  }
  return denied($path) unless -w $path;
  $! = $error;
  return $error == $ECONNREFUSED || $error == $ENOENT ? $not_running : "$!";
}

# No daemon: bin/coord prints the help, or what is wrong with the command line, or this message.
sub unreachable {
  my ($message) = @_;
  my $launcher = $ENV{COORD_LAUNCHER} // '';
  if ($launcher ne '' && -r $launcher) {
    $ENV{COORD_UNREACHABLE} = $message;
    exec '/bin/sh', $launcher, @ARGV;
  }
  leave($UNREACHABLE, $message);
}

# Who has stopped the daemon, when, and how it is started again; undefined if nobody has.
sub stopped {
  (my $file = $socket) =~ s{[^/]*\z}{stopped};
  sysopen my $handle, $file, $O_RDONLY | $O_NONBLOCK or return undef;
  my $text = '';
  return undef unless sysread $handle, $text, $MAX_STOPPED_BYTES;
  return undef unless $text =~ /\A(stopped [^\x00-\x1f\x7f]+)\n/;
  my $sentence = $1;
  return is_utf8($sentence) && $sentence !~ /\xc2[\x80-\x9f]/ ? $sentence : undef;
}

sub lost {
  my $stopped = stopped();
  leave($INTERNAL,
    'coord: connection to the daemon lost'
      . (defined $stopped ? ": the daemon was $stopped, then" : ';')
      . " check 'coord status'");
}

sub not_understood {
  leave($INTERNAL,
    "coord: the daemon's response is not understood; check that client and daemon have the same version, and"
      . " check 'coord status'");
}

# Whether there is at least one byte to take.
sub fill {
  return 1 if $at < length $buffer;
  ($buffer, $at) = ('', 0);
  while (1) {
    my $count = sysread $connection, $buffer, 64 << 10;
    return $count > 0 if defined $count;
    # A daemon that was killed resets the connection.
    return 0 if $! != $EINTR;
  }
}

# As many bytes; undefined if the connection ends before.
sub take {
  my ($length) = @_;
  my $bytes = '';
  while (length $bytes < $length) {
    fill() or return undef;
    my $part = substr $buffer, $at, $length - length $bytes;
    $at += length $part;
    $bytes .= $part;
  }
  return $bytes;
}

# --- The response --------------------------------------------------------------------------------

# Reads the head; of it only the status matters. Undefined if the connection ended before it began.
sub read_status {
  my $head = '';
  until ($head =~ /(?:\A|\n)\r?\n\z/) {
    my $byte = take(1);
    if (!defined $byte) {
      return undef if $head eq '';
      not_understood();
    }
    $head .= $byte;
    not_understood() if length $head > $MAX_HEAD_BYTES;
  }
  not_understood() unless $head =~ m{\AHTTP/1\.. ?(\d\d\d)};
  return $1;
}

sub refused {
  my ($status) = @_;
  my $text = '';
  while (length $text < $MAX_HEAD_BYTES && fill()) {
    $text .= substr $buffer, $at;
    $at = length $buffer;
  }
  $text =~ s/\A\s+|\s+\z//g;
  leave(
    $status == 400 || $status == 413 ? $USER : $status == 503 ? $NOT_NOW : $INTERNAL,
    $text eq '' ? "coord: the daemon responded with HTTP status $status" : $text
  );
}

sub read_text {
  my ($length) = @_;
  not_understood() if $length > $MAX_TEXT_BYTES;
  my $text = take($length);
  not_understood() if defined $text && !is_utf8($text);
  return $text;
}

# Frames of a type (a letter), a length (four bytes, big-endian) and the payload; io.coord.client.ResponseReader
# lists the types. Returns what ended them ("exit", "need", "lost"), what belongs to it, and the command line
# that continues this one if the connection is lost.
sub read_frames {
  my ($argv) = @_;
  my $resume;
  while (1) {
    my $head = take(5);
    return ('lost', undef, $resume) unless defined $head;
    my ($type, $length) = unpack 'a1N', $head;
    not_understood() if $length > 0x7fffffff || $type !~ /[oekdwcnxr]/;
    if ($type =~ /[oekd]/) {
      not_understood() if $type eq 'd' && !defined $partial;
      while ($length > 0) {
        fill() or return ('lost', undef, $resume);
        my $part = substr $buffer, $at, $length;
        $at += length $part;
        $length -= length $part;
        $type eq 'o' ? write_out($part) : $type eq 'e' ? write_err($part) : $type eq 'd' ? add_to_file($part) : ();
      }
    } elsif ($type eq 'c') {
      not_understood() if !defined $partial || $length != 0;
      finish_file();
    } elsif ($type eq 'x') {
      not_understood() if $length != 4;
      my $code = take(4);
      return defined $code ? ('exit', unpack('N', $code), undef) : ('lost', undef, $resume);
    } else {
      my $text = read_text($length);
      return ('lost', undef, $resume) unless defined $text;
      return ('need', $text, undef) if $type eq 'n';
      if ($type eq 'r') {
        $resume = $text;
      } else {
        not_understood() if defined $partial;
        begin_file($text, $argv);
      }
    }
  }
}

# --- Files that the daemon sends -----------------------------------------------------------------

my %file;

sub cannot_write {
  my ($name, $why) = @_;
  leave($OUTPUT, 'coord: cannot write ' . quoted($name) . ": $why; no file was created");
}

sub file_exists {
  my ($name) = @_;
  leave($USER, 'coord: cannot write ' . quoted($name) . ': file exists and is unchanged; use --force to replace it');
}

# "new NAME" or "replace NAME"; only a file that was named on the command line is written.
sub begin_file {
  my ($order, $argv) = @_;
  my ($how, $name) = $order =~ /\A(new|replace) (.*)\z/s;
  leave($INTERNAL,
    'coord: the daemon sent a file that was not requested, ' . quoted($name // $order) . '; nothing was written')
    if !defined $name || !grep { $_ eq $name } @$argv;
  file_exists($name) if $how eq 'new' && lstat $name;
  cannot_write($name, 'is a directory') if -d $name;
  my ($folder) = $name =~ m{\A(.*/)}s;
  $folder //= './';
  for my $try (1 .. 100) {
    my $path = sprintf '%s.coord-%d-%d.partial', $folder, $$, $try;
    if (sysopen my $handle, $path, $O_WRONLY | $O_CREAT | $O_EXCL, 0600) {
      ($partial, $partial_handle) = ($path, $handle);
      last;
    }
    cannot_write($name, "$!") unless $! == $EEXIST;
  }
  cannot_write($name, 'no free name for a temporary file') unless defined $partial;
  %file = (name => $name, folder => $folder, replaces => $how eq 'replace');
}

sub add_to_file {
  my ($bytes) = @_;
  write_all($partial_handle, $bytes) or cannot_write($file{name}, "$!");
}

# fsync(2); Perl has none without a module that is slow to load.
sub flush_to_disk {
  my ($handle) = @_;
  require IO::Handle;
  return IO::Handle::sync($handle);
}

# Gives the file its name, once it is on the disk.
sub finish_file {
  my $name = $file{name};
  flush_to_disk($partial_handle) && close $partial_handle or cannot_write($name, "$!");
  if ($file{replaces}) {
    rename $partial, $name or cannot_write($name, "$!");
  } elsif (link $partial, $name) {
    # Unlike a move, a link cannot replace a file that was created meanwhile.
    unlink $partial;
  } else {
    # A file system without hard links, such as FAT.
    file_exists($name) if lstat $name;
    rename $partial, $name or cannot_write($name, "$!");
  }
  $partial = undef;
  flush_to_disk($_) for grep { defined } open_folder($file{folder});
}

sub open_folder {
  my ($path) = @_;
  my $handle;
  return sysopen($handle, $path, $O_RDONLY) ? $handle : undef;
}

# Removes the partial file, if there is one.
sub drop_file {
  unlink $partial if defined $partial;
  $partial = undef;
}

# --- What the daemon needs -----------------------------------------------------------------------

# The text of a file; undefined, with the reason, if it cannot be sent.
sub read_input {
  my ($name) = @_;
  sysopen my $handle, $name, $O_RDONLY or return (undef, $! == $ENOENT ? 'no such file' : lcfirst_denied("$!"));
  return (undef, 'is a directory') if -d $handle;
  my $text = '';
  while (length $text <= $MAX_FILE_BYTES) {
    my $count = sysread $handle, $text, $MAX_FILE_BYTES + 1 - length $text, length $text;
    return (undef, "$!") if !defined $count && $! != $EINTR;
    last if defined $count && $count == 0;
  }
  return (undef, 'larger than ' . ($MAX_FILE_BYTES >> 20) . ' MiB') if length $text > $MAX_FILE_BYTES;
  return is_utf8($text) ? ($text, undef) : (undef, 'not UTF-8');
}

sub lcfirst_denied {
  my ($why) = @_;
  return $why eq 'Permission denied' ? 'permission denied' : $why;
}

sub not_utf8_variable {
  my ($name, $consequence) = @_;
  leave($USER, 'coord: environment variable ' . quoted($name) . " is not UTF-8; $consequence");
}

# Files and environment variables, read with the rights of the user and not of the daemon.
sub gather {
  my ($needs) = @_;
  my (%files, %variables, @errors);
  for my $line (grep { $_ ne '' } split /\n/, $needs) {
    if ($line =~ /\Afile (.*)\z/s) {
      my ($text, $problem) = read_input($1);
      if (defined $text) {
        $files{$1} = $text;
      } else {
        push @errors, 'coord: cannot read ' . quoted($1) . ": $problem; nothing was enqueued";
      }
    } elsif ($line =~ /\Aenv (.*?)(\*?)\z/s) {
      my ($start, $open) = ($1, $2);
      for my $name (grep { $open ? index($_, $start) == 0 : $_ eq $start } keys %ENV) {
        not_utf8_variable($name, 'nothing was enqueued') unless is_utf8($name) && is_utf8($ENV{$name});
        $variables{$name} = $ENV{$name};
      }
    } else {
      leave($INTERNAL,
        'coord: the daemon requested an unknown input, ' . quoted($line)
          . '; check that client and daemon have the same version. Nothing was enqueued');
    }
  }
  leave($USER, join "\n", @errors) if @errors;
  return (\%files, \%variables);
}

# --- The command ---------------------------------------------------------------------------------

sub columns {
  for my $name (qw(COORD_COLUMNS TERM NO_COLOR)) {
    not_utf8_variable($name, 'nothing was sent') unless is_utf8($ENV{$name} // '');
  }
  if (defined $ENV{COORD_COLUMNS}) {
    return $ENV{COORD_COLUMNS} =~ /\A\d{1,5}\z/ ? $ENV{COORD_COLUMNS} + 0 : 0;
  }
  return 0 unless -t STDOUT;
  my $size = pack 'S4', 0;
  my $width = ioctl(STDOUT, $TIOCGWINSZ, $size) ? (unpack 'S4', $size)[1] : 0;
  return $width || 80;
}

sub request {
  my ($argv, $cwd, $columns, $files, $variables) = @_;
  # As https://no-color.org has it.
  my $terminal = $ENV{TERM} // '';
  my $color = $columns > 0 && ($ENV{NO_COLOR} // '') eq '' && $terminal ne '' && $terminal ne 'dumb';
  my $body =
      '{"argv":' . $argv . ',"cwd":' . json_string($cwd) . ',"columns":' . $columns . ',"color":'
    . ($color ? 'true' : 'false') . ',"environment":' . json_object($variables) . ',"files":'
    . json_object($files) . '}';
  return "POST /v1/cli HTTP/1.0\r\nHost: coord\r\nContent-Type: application/json\r\n"
    . 'Accept: application/octet-stream, text/plain' . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
}

# A daemon that restarts is away for a moment; the status of a response, or undefined if it stays away.
sub reconnect {
  my ($path, $request) = @_;
  my $until = time + $PATIENCE_SECONDS;
  my $said;
  while (time < $until) {
    select undef, undef, undef, 0.2;
    ($connection, $buffer, $at) = (connect_to($path), '', 0);
    if (!defined $connection && !$said) {
      # This one may stay away; whoever waits should know.
      my $stopped = stopped();
      write_err("coord: the daemon was $stopped. This command waits for it for $PATIENCE_SECONDS s\n")
        if $said = defined $stopped;
    } elsif (defined $connection) {
      # A daemon that is just stopping ends the connection, or says 503.
      write_all($connection, $request);
      my $status = read_status();
      return $status if defined $status && $status != 503;
    }
  }
  return undef;
}

sub main {
  my @argv = @ARGV;
  for my $i (0 .. $#argv) {
    leave($USER, 'coord: argument ' . ($i + 1) . ' is not UTF-8; nothing was sent') unless is_utf8($argv[$i]);
  }
  my $own = @argv && $argv[0] eq '--user';
  shift @argv if $own;
  my ($path, $start) = socket_of($own || ($ENV{COORD_USER} // '') eq '1');
  $socket = $path;
  my $cwd = readlink '/proc/self/cwd';
  leave($INTERNAL, "coord: cannot read '/proc/self/cwd': $!; nothing was sent") unless defined $cwd;
  leave($USER, 'coord: the path of the working directory is not UTF-8; nothing was sent') unless is_utf8($cwd);
  my $columns = columns();
  leave($USER,
    'coord: cannot use socket ' . quoted($path) . ': the path has ' . length($path)
      . " bytes, a socket path at most $MAX_PATH_BYTES; set COORD_RUNTIME_DIR to its directory")
    if length $path > $MAX_PATH_BYTES;
  my $line = '[' . join(',', map { json_string($_) } @argv) . ']';
  my ($files, $variables) = ({}, {});
  for my $attempt (1, 2) {
    $connection = connect_to($path);
    unreachable('coord: cannot connect to ' . quoted($path) . ': ' . why_not_connected($path, $start, $! + 0))
      unless defined $connection;
    ($buffer, $at) = ('', 0);
    # If the daemon refuses the request before its end, its response says why.
    write_all($connection, request($line, $cwd, $columns, $files, $variables));
    my $status = read_status() // lost();
    my ($end, $value);
    while (1) {
      refused($status) if $status != 200;
      my $resume;
      ($end, $value, $resume) = read_frames(\@argv);
      last if $end ne 'lost';
      lost() unless defined $resume;
      drop_file();
      $status = reconnect($path, request($resume, $cwd, $columns, {}, {}))
        // leave($UNREACHABLE,
          "coord: connection to the daemon lost, and it has not come back for $PATIENCE_SECONDS s; check it with"
            . " 'coord status', then repeat the command");
    }
    leave($value & 0xff) if $end eq 'exit';
    ($files, $variables) = gather($value);
  }
  leave($INTERNAL,
    'coord: the daemon requested files twice; check that client and daemon have the same version. Nothing was'
      . ' enqueued');
}

$SIG{PIPE} = 'IGNORE';
# An interrupt leaves no partial file either.
for my $name (qw(INT TERM HUP)) {
  $SIG{$name} = sub {
    drop_file();
    $SIG{$name} = 'DEFAULT';
    kill $name, $$;
  };
}
eval { main(); 1 } or leave($INTERNAL, "coord: internal error in the client: $@");
