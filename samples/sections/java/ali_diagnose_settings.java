/* samples/sections/java/ali_diagnose_settings.java - marks sections with the names and calls of diagnose-tools' example; no library */
import java.io.File;

/** Programs that have this class from the page of diagnose-tools need no other change. */
public final class ali_diagnose_settings {
	private static final File STOP = new File("/diag/section/stop");

	private ali_diagnose_settings() {
	}

	/** Starts a section of this thread that is kept if it takes 100 ms or longer. */
	public static void start_run_trace() {
		start_run_trace(100);
	}

	/** With another threshold in ms; 0: that of the recorder. */
	public static void start_run_trace(long threshold_ms) {
		new File("/diag/section/start/" + threshold_ms).exists();
	}

	/** With a label of up to 47 bytes, too. */
	public static void start_run_trace(long threshold_ms, String label) {
		new File("/diag/section/start/" + threshold_ms + "/" + label).exists();
	}

	/** Ends the section that this thread has started last. */
	public static void stop_run_trace() {
		STOP.exists();
	}
}
