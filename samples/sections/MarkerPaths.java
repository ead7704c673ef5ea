/* samples/sections/MarkerPaths.java - marks a section by checking for files that do not exist; needs no library */
import java.io.File;

public final class MarkerPaths {
	private MarkerPaths() {
	}

	private static void handle(long sleepMs) throws InterruptedException {
		Thread.sleep(sleepMs);
	}

	public static void main(String[] arguments) throws InterruptedException {
		int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
		long sleepMs = arguments.length > 1 ? Long.parseLong(arguments[1]) : 150;

		for (int i = 0; i < count; i++) {
			new File("/diag/section/start/100/java").exists();
			handle(sleepMs);
			new File("/diag/section/stop").exists();
		}
	}
}
